namespace Gateway.IntegrationTests.Publish;

/// <summary>An empty folder for one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("tutti-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

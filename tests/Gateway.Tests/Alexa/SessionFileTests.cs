using Gateway.Echo.Alexa;

namespace Gateway.Tests.Alexa;

public sealed class SessionFileTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tutti-test-");

    public void Dispose() => _data.Delete(recursive: true);

    private string FilePath => Path.Combine(_data.FullName, SessionFile.Name);

    [Fact]
    public void What_is_written_is_read_and_is_its_users_alone()
    {
        var session = new AlexaSession("digest", "amazon.de", new Dictionary<string, string> { ["at-acbde"] = "\"x\"" }, "123", DateTimeOffset.UnixEpoch);
        File.WriteAllText(FilePath + ".new", "left over"); // by one that was killed

        Assert.Null(new SessionFile(_data.FullName).Write(session));
        Assert.Null(new SessionFile(_data.FullName).Write(session with { Csrf = "124" }));

        var read = new SessionFile(_data.FullName).Read()!;
        Assert.Equal(("digest", "amazon.de", "124", "\"x\""), (read.Token, read.Site, read.Csrf, read.Cookies["at-acbde"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        Assert.Single(_data.GetFiles());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"Token\":null}")]
    [InlineData("{\"Token\":\"a\",\"Site\":\"amazon.de\",\"Cookies\":[1]}")]
    public void One_that_cannot_be_read_is_none(string text)
    {
        File.WriteAllText(FilePath, text);

        Assert.Null(new SessionFile(_data.FullName).Read());
    }

    [Fact]
    public void Where_it_cannot_be_written_that_is_said() =>
        Assert.NotNull(new SessionFile(Path.Combine(_data.FullName, "none")).Write(new AlexaSession("", "", new Dictionary<string, string>(), null, default)));
}

using System.Diagnostics;
using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

/// <summary>A named pipe in place of a file, to which nobody ever writes: it is refused, and not waited for.</summary>
public sealed class PipeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _pipe;

    public PipeTests()
    {
        _pipe = Path.Combine(_folder.Path, "pipe");
        Process.Start("mkfifo", _pipe).WaitForExit();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task As_the_configuration()
    {
        var loaded = await Task.Run(() => ConfigurationLoader.Load(_pipe)).WaitAsync(Patience.Hang);

        Assert.Equal("The file cannot be read: it is no file on a disk, but a pipe, a socket or a device.", Assert.Single(loaded.Errors).Message);
    }

    [Theory]
    [InlineData("mqtt: { username: u, password: !file pipe }", "The file \"pipe\" cannot be read: it is no file on a disk, but a pipe, a socket or a device.")]
    [InlineData("mqtt: { url: \"mqtts://broker\", ca: pipe }", "The file \"pipe\" does not exist.")]
    public async Task As_what_the_configuration_names(string yaml, string message)
    {
        var loaded = await Task.Run(() => ConfigurationLoader.Parse(yaml, Path.Combine(_folder.Path, "tutti.yaml"))).WaitAsync(Patience.Hang);

        Assert.Equal(message, Assert.Single(loaded.Errors).Message);
    }

    [Fact]
    public void The_media_folder_is_beside_the_configuration_unless_it_is_set_and_a_source_elsewhere_is_told()
    {
        const string Group = "groups: [{ name: Party, members: [], source: \"file:/elsewhere/a.wav\" }, { name: Attic, members: [], source: \"file:b/a.wav\" }]";
        var name = Path.Combine(_folder.Path, "tutti.yaml");

        var unset = ConfigurationLoader.Parse(Group, name);
        var set = ConfigurationLoader.Parse("audio: { media_dir: /elsewhere }\n" + Group, name);

        Assert.Equal((Path.Combine(_folder.Path, "media"), "/elsewhere"), (unset.Configuration!.Audio.MediaDirectory, set.Configuration!.Audio.MediaDirectory));
        Assert.Contains(unset.Warnings, w => w.Message == $"The source of Party is a file that is not below {_folder.Path}/media: it is not played.");
        Assert.DoesNotContain(unset.Warnings, w => w.Message.Contains("Attic is", StringComparison.Ordinal));
        Assert.Contains(set.Warnings, w => w.Message == "There is no folder /elsewhere: no file can be played.");
        Assert.DoesNotContain(set.Warnings, w => w.Message.Contains("is a file that", StringComparison.Ordinal));
    }
}

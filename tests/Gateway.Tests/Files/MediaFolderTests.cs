using System.Diagnostics;
using Gateway.Engine.Ports;
using Gateway.Files;

namespace Gateway.Tests.Files;

/// <summary>Which files a command may name, and what it learns of the others: nothing.</summary>
public sealed class MediaFolderTests : IDisposable
{
    private readonly DirectoryInfo _all = Directory.CreateTempSubdirectory("tutti-media-");
    private readonly string _media;

    public MediaFolderTests()
    {
        _media = Path.Combine(_all.FullName, "media");
        Directory.CreateDirectory(Path.Combine(_media, "chimes"));
        Directory.CreateDirectory(Path.Combine(_all.FullName, "media-of-others"));
        File.WriteAllText(Path.Combine(_media, "chimes", "bell.wav"), "bell");
        File.WriteAllText(Path.Combine(_all.FullName, "secret.wav"), "secret");
        File.WriteAllText(Path.Combine(_all.FullName, "media-of-others", "secret.wav"), "secret");
        File.CreateSymbolicLink(Path.Combine(_media, "link.wav"), Path.Combine(_media, "chimes", "bell.wav"));
        File.CreateSymbolicLink(Path.Combine(_media, "out.wav"), Path.Combine(_all.FullName, "secret.wav"));
        File.CreateSymbolicLink(Path.Combine(_media, "away"), _all.FullName);
        Process.Start("mkfifo", Path.Combine(_media, "fifo")).WaitForExit();
    }

    public void Dispose() => _all.Delete(recursive: true);

    [Theory]
    [InlineData("chimes/bell.wav")]
    [InlineData("link.wav")]
    [InlineData("{media}/chimes/bell.wav")]
    [InlineData("{media}/../media/chimes/bell.wav")]
    [InlineData("away/media/chimes/bell.wav")]
    public void What_lies_below_the_folder_is_opened_by_whatever_way(string path)
    {
        using var file = new FileStream(new MediaFolder(_media).Open(path.Replace("{media}", _media, StringComparison.Ordinal)), FileAccess.Read);

        Assert.Equal("bell", new StreamReader(file).ReadToEnd());
    }

    [Theory]
    [InlineData("/etc/shadow")]
    [InlineData("/etc/passwd")]
    [InlineData("/nowhere/at/all.wav")]
    [InlineData("missing.wav")]
    [InlineData("../secret.wav")]
    [InlineData("{media}/../secret.wav")]
    [InlineData("{media}-of-others/secret.wav")]
    [InlineData("out.wav")]
    [InlineData("away/secret.wav")]
    [InlineData("chimes")]
    [InlineData("chimes/bell.wav/more")]
    [InlineData("fifo")]
    [InlineData("/dev/zero")]
    [InlineData("/proc/self/environ")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a\0b")]
    public async Task Whatever_lies_elsewhere_or_is_not_there_gets_one_answer_and_at_once(string path)
    {
        path = path.Replace("{media}", _media, StringComparison.Ordinal);

        var refused = await Assert.ThrowsAsync<PortException>(() => Task.Run(() => new MediaFolder(_media).Open(path)).WaitAsync(Patience.Hang));

        Assert.Equal(
            (PortError.NotReachable, $"There is no file {path} that may be played.", $"Put a WAV file below {_media} (audio.media_dir), readable by the user that the gateway runs as."),
            (refused.Error, refused.Message, refused.Remedy));
    }

    [Fact]
    public void Without_a_folder_or_where_it_is_not_there_no_file_is_played()
    {
        Assert.StartsWith("No file can be played", Assert.Throws<PortException>(() => new MediaFolder(null).Open("/etc/passwd")).Message, StringComparison.Ordinal);
        Assert.StartsWith("There is no file", Assert.Throws<PortException>(() => new MediaFolder("/nowhere").Open("a.wav")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_a_link_itself_counts_as_where_it_leads()
    {
        using var file = new MediaFolder(Path.Combine(_media, "away", "media")).Open("chimes/bell.wav");

        Assert.False(file.IsInvalid);
    }
}

using Gateway.Configuration.Supervisor;

namespace Gateway.Tests.Configuration.Supervisor;

public sealed class AppOptionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tutti-options-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_option_is_read_and_empty_ones_are_null()
    {
        var path = Written("""{"gateway_name":"Home","mqtt_url":"mqtt://b","mqtt_username":" ","mqtt_password":null,"media_dir":"/media/bells","configuration":"groups: []","later":1}""");

        var options = AppOptions.Read(path);

        Assert.Equal(new AppOptions("Home", "mqtt://b", null, null, "/media/bells", "groups: []"), options);
    }

    [Fact]
    public void A_missing_file_is_the_same_as_an_empty_one() =>
        Assert.Equal(AppOptions.None, AppOptions.Read(Path.Combine(_folder, "none.json")));

    [Theory]
    [InlineData("{", "cannot be read:")]
    [InlineData("[]", "it holds no object.")]
    [InlineData("""{"gateway_name":"\ud800"}""", "cannot be read:")]
    [InlineData("""{"mqtt_password":12345}""", "mqtt_password is no text.")]
    public void A_broken_file_is_an_error_with_a_remedy(string text, string reason)
    {
        var error = Assert.Throws<InvalidDataException>(() => AppOptions.Read(Written(text)));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Save them again on the app's Configuration page.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("12345", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_do_not_print_their_secrets() =>
        Assert.DoesNotContain("s3cret", new AppOptions("n", "u", "user", "s3cret", null, "password: s3cret").ToString(), StringComparison.Ordinal);

    private string Written(string text)
    {
        var path = Path.Combine(_folder, "options.json");
        File.WriteAllText(path, text);
        return path;
    }
}

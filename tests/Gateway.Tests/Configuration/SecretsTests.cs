using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

public sealed class SecretsTests
{
    private const string Secret = "hunter2-7d1f";

    [Fact]
    public void A_secret_comes_from_a_file_beside_the_configuration()
    {
        using var folder = new TemporaryFolder();
        folder.Write("password.txt", Secret + "\r\n");
        var path = folder.Write("tutti.yaml", "mqtt: { username: u, password: !file password.txt }");

        Assert.Equal(Secret, ConfigurationLoader.Load(path).Configuration!.Mqtt.Password);
    }

    [Theory]
    [InlineData(" s\u00A0ecret ", " s\u00A0ecret ")]
    [InlineData("secret \n", "secret ")]
    [InlineData("secret\u00A0\r\n", "secret\u00A0")]
    [InlineData("\uFEFFsecret", "secret")]
    public void Blanks_at_the_ends_of_a_secret_are_kept_and_told(string content, string password)
    {
        using var folder = new TemporaryFolder();
        folder.Write("p", content);
        Environment.SetEnvironmentVariable("TUTTI_TEST_BLANKS", password);

        foreach (var secret in new[] { "!file p", "!env TUTTI_TEST_BLANKS" })
        {
            var result = ConfigurationLoader.Load(folder.Write("tutti.yaml", $"mqtt: {{ username: u, password: {secret} }}\n"));

            Assert.Equal(password, result.Configuration!.Mqtt.Password);
            Assert.Equal(password == "secret" ? [] : ["mqtt.password"], result.Warnings.Select(w => w.Setting));
        }
    }

    [Fact]
    public void A_secret_in_the_file_itself_keeps_its_quoted_blanks() => Assert.Equal(" p ", ConfigurationLoaderTests.Valid("mqtt: { username: u, password: ' p ' }").Mqtt.Password);

    [Fact]
    public void A_variable_from_a_file_with_Windows_line_ends_says_so()
    {
        Environment.SetEnvironmentVariable("TUTTI_TEST_CR", Secret + "\r");

        var error = Assert.Single(ConfigurationLoaderTests.Parse("mqtt: { username: u, password: !env TUTTI_TEST_CR }").Errors);

        Assert.Equal("The environment variable TUTTI_TEST_CR holds a line end. The file that sets it was saved with Windows line ends: save it with Unix ones (LF).", $"{error.Message} {error.Remedy}");
    }

    [Fact]
    public void A_secret_comes_from_the_environment()
    {
        Environment.SetEnvironmentVariable("TUTTI_TEST_TOKEN", Secret);

        var result = ConfigurationLoaderTests.Valid("mqtt: { username: u, password: !env TUTTI_TEST_TOKEN }");

        Assert.Equal(Secret, result.Mqtt.Password);
    }

    [Theory]
    [InlineData("two\nlines", "The file \"s\" holds more than one line.")]
    [InlineData("one\n\n", "The file \"s\" holds more than one line.")]
    [InlineData("a\tb", "The file \"s\" holds a tab.")]
    [InlineData("\n", "The file \"s\" is empty.")]
    [InlineData(null, "The file \"s\" is larger than 64 KiB.")]
    public void A_file_that_holds_no_single_secret_is_refused(string? content, string expected)
    {
        using var folder = new TemporaryFolder();
        folder.Write("s", content ?? new string('x', 70_000));
        var path = folder.Write("tutti.yaml", "mqtt: { username: u, password: !file s }");

        Assert.Equal(expected, Assert.Single(ConfigurationLoader.Load(path).Errors).Message);
    }

    /// <summary>A secret in every place where an error could quote it.</summary>
    [Theory]
    [InlineData("mqtt: { url: 'mqtt://user:SECRET@host' }")]
    [InlineData("mqtt: { url: 'SECRET@host' }")]
    [InlineData("mqtt: { password: SECRET }")]
    [InlineData("mqtt: { password: [SECRET] }")]
    [InlineData("mqtt: { password: { SECRET: 1 } }")]
    [InlineData("mqtt: { username: u, pasword: SECRET }")]
    [InlineData("mqtt: SECRET")]
    [InlineData("home_assistant: { token: [SECRET] }")]
    [InlineData("home_assistant: { url: 'http://SECRET@ha' }")]
    [InlineData("home_assistant: { url: 'http://a', token: SECRET }")]
    [InlineData("web: { token: !env TUTTI_TEST_SECRET }")]
    [InlineData("mqtt: { protocol: !env TUTTI_TEST_SECRET }")]
    [InlineData("mqtt: { url: !env TUTTI_TEST_SECRET }")]
    [InlineData("mqtt: { base_topic: !file secret+.txt }")]
    [InlineData("mqtt: { ca: !env TUTTI_TEST_SECRET }")]
    [InlineData("gateway: { id: !env TUTTI_TEST_SECRET }")]
    [InlineData("web: { listen: !env TUTTI_TEST_SECRET }")]
    [InlineData("home_assistant: { url: !env TUTTI_TEST_SECRET }")]
    [InlineData("echo: { max_members: !env TUTTI_TEST_SECRET, create_groups: !env TUTTI_TEST_SECRET, min_firmware: !env TUTTI_TEST_SECRET }")]
    [InlineData("speakers: [{ name: A, id: !env TUTTI_TEST_SECRET, address: !env TUTTI_TEST_SECRET }]")]
    [InlineData("groups: [{ name: A, members: [!env TUTTI_TEST_SECRET], source: !env TUTTI_TEST_SECRET, route: !env TUTTI_TEST_SECRET }]")]
    [InlineData("groups: [{ name: A, source: !env TUTTI_TEST_ECHO }]")]
    [InlineData("routines: [{ name: A, steps: [{ announce: !env TUTTI_TEST_SECRET, group: !env TUTTI_TEST_SECRET }] }]")]
    [InlineData("simulation: { firmware: { !env TUTTI_TEST_SECRET : 1 } }")]
    [InlineData("!env TUTTI_TEST_SECRET : 1")]
    [InlineData("mqtt: { ? !env TUTTI_TEST_SECRET : 1 }")]
    [InlineData("mqtt: !env TUTTI_TEST_SECRET")]
    [InlineData("mqtt: { username: u, password: SECRET")]
    [InlineData("mqtt: { username: u, password: 'SECRET }")]
    [InlineData("mqtt: { username: u, password: \"SECRET\\q\" }")]
    [InlineData("mqtt:\n  password: SECRET: x\n")]
    public void No_error_shows_a_secret(string text)
    {
        Environment.SetEnvironmentVariable("TUTTI_TEST_SECRET", Secret);
        Environment.SetEnvironmentVariable("TUTTI_TEST_ECHO", "echo:" + Secret);
        using var folder = new TemporaryFolder();
        folder.Write("secret+.txt", "a+" + Secret);
        var path = folder.Write("tutti.yaml", text.Replace("SECRET", Secret, StringComparison.Ordinal).Replace("TUTTI_TEST_" + Secret, "TUTTI_TEST_SECRET", StringComparison.Ordinal));

        var result = ConfigurationLoader.Load(path);

        Assert.NotEmpty(result.Errors);
        Assert.All(result.Errors.Concat(result.Warnings), e => Assert.DoesNotContain("hunter2", e.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_configuration_that_is_printed_shows_no_secret()
    {
        var configuration = ConfigurationLoaderTests.Valid($"mqtt: {{ username: u, password: {Secret} }}\n") with
        {
            HomeAssistant = new HomeAssistantSettings { Token = Secret },
            Web = new WebSettings("127.0.0.1:1", Secret),
        };

        Assert.Equal(Secret, configuration.Mqtt.Password);
        Assert.DoesNotContain(Secret, configuration.ToString(), StringComparison.Ordinal);
    }
}

using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

public sealed class EchoSectionTests
{
    [Theory]
    [InlineData("echo: { refresh_token: Atnr|x }", true)]
    [InlineData("echo: { control: alexa_api, refresh_token: Atnr|x, site: amazon.co.uk, url: 'https://127.0.0.1:8443' }", true)]
    [InlineData("echo: { control: declared }", false)]
    [InlineData("", false)]
    public void The_web_api_is_used_where_its_token_is_given(string yaml, bool expected)
    {
        var result = ConfigurationLoader.Parse(yaml, "tutti.yaml");

        Assert.Equal((0, 0, expected), (result.Errors.Count, result.Warnings.Count, result.Configuration!.Echo.UsesAlexaApi));
        Assert.DoesNotContain("Atnr", result.Configuration.Echo.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo: { control: alexa_api }", "echo.control: The Alexa web API needs a refresh token of the account, and there is none. Add echo.refresh_token")]
    [InlineData("echo: { control: home_assistant }", "echo.control: Echos cannot be controlled through Home Assistant yet")]
    [InlineData("echo: { refresh_token: Atnr|x, site: www.amazon.de }", "echo.site: \"www.amazon.de\" is not one of Amazon's sites.")]
    [InlineData("echo: { refresh_token: Atnr|x, site: amazon.de/evil }", "echo.site: ")]
    [InlineData("echo: { refresh_token: Atnr|x, url: 'https://evil.example:8443' }", "echo.url: \"https://evil.example:8443\" is not a simulated cloud on this machine.")]
    [InlineData("echo: { refresh_token: Atnr|x, url: 'http://127.0.0.1:8443' }", "echo.url: ")]
    [InlineData("echo: { refresh_token: Atnr|x, ca: /nowhere/ca.pem }", "echo.ca: ")]
    [InlineData("echo: { refresh_token: [a] }", "echo.refresh_token: ")]
    public void What_cannot_work_is_an_error(string yaml, string expected)
    {
        var result = ConfigurationLoader.Parse(yaml, "tutti.yaml");

        Assert.Contains(result.Errors, e => e.ToString().Contains(expected, StringComparison.Ordinal));
        Assert.DoesNotContain(result.Errors, e => e.ToString().Contains("Atnr|x", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("echo: { control: declared, refresh_token: Atnr|x }", "The refresh token is not used")]
    [InlineData("echo: { refresh_token: hunter2 }", "This does not look like a refresh token: they begin with Atnr|.")]
    public void What_looks_wrong_is_warned_of_and_not_shown(string yaml, string expected)
    {
        var warning = Assert.Single(ConfigurationLoader.Parse(yaml, "tutti.yaml").Warnings).ToString();

        Assert.Contains(expected, warning, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", warning, StringComparison.Ordinal);
    }
}

using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

public sealed class EchoSectionTests
{
    [Theory]
    [InlineData("echo: { control: alexa_api }", "echo.control: Echos cannot be controlled through the Alexa web API yet")]
    [InlineData("echo: { refresh_token: Atnr|x }", "echo.refresh_token: Echos cannot be controlled through the Alexa web API yet")]
    [InlineData("echo: { control: home_assistant }", "echo.control: Echos cannot be controlled through Home Assistant yet")]
    [InlineData("echo: { site: www.amazon.de }", "echo.site: \"www.amazon.de\" is not one of Amazon's sites.")]
    [InlineData("echo: { url: 'https://evil.example:8443' }", "echo.url: \"https://evil.example:8443\" is not a simulated cloud on this machine.")]
    [InlineData("echo: { url: 'http://127.0.0.1:8443' }", "echo.url: ")]
    [InlineData("echo: { ca: /nowhere/ca.pem }", "echo.ca: ")]
    public void What_cannot_work_is_an_error(string yaml, string expected)
    {
        var result = ConfigurationLoader.Parse(yaml, "tutti.yaml");

        Assert.Contains(result.Errors, e => e.ToString().Contains(expected, StringComparison.Ordinal));
        Assert.DoesNotContain(result.Errors, e => e.ToString().Contains("Atnr|x", StringComparison.Ordinal));
    }
}

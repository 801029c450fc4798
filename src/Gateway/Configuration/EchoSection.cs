using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Configuration.Yaml;
using Gateway.Engine;

namespace Gateway.Configuration;

/// <summary><c>echo:</c> but for its limits: how Echos are controlled, and what that needs.</summary>
internal static class EchoSection
{
    private static readonly (string, EchoControlChoice)[] s_control =
        [("auto", EchoControlChoice.Auto), ("home_assistant", EchoControlChoice.HomeAssistant), ("alexa_api", EchoControlChoice.AlexaApi), ("declared", EchoControlChoice.Declared)];

    public static EchoSettings Read(MapReader echo, string folder)
    {
        var control = echo.Choice("control", s_control) ?? EchoControlChoice.Auto;
        Feature? needed = control switch { EchoControlChoice.HomeAssistant => Feature.HomeAssistantApi, EchoControlChoice.AlexaApi => Feature.AlexaApi, _ => null };
        if (needed is { } feature) SimpleSections.Built(feature, echo, "control", control.ToString());
        var token = SimpleSections.Built(Feature.AlexaApi, echo, "refresh_token", echo.Secret("refresh_token"));
        var settings = new EchoSettings(control) { RefreshToken = token, Site = Site(echo), Url = Url(echo), CaFile = Authority(echo, folder) };
        if (control == EchoControlChoice.AlexaApi && !echo.Has("refresh_token"))
            echo.Problems.Add(echo.Place("control"), "The Alexa web API needs a refresh token of the account, and there is none.", "Add echo.refresh_token, best as !file alexa-token.txt; docs/echo.md tells how to get one.");
        if (settings.RefreshToken?.StartsWith("Atnr|", StringComparison.Ordinal) == false)
            echo.Problems.Warn(echo.Place("refresh_token"), "This does not look like a refresh token: they begin with Atnr|.", "Copy the whole of it, without quotes.");
        if (!settings.UsesAlexaApi && settings.RefreshToken is not null)
            echo.Problems.Warn(echo.Place("refresh_token"), "The refresh token is not used: echo.control asks for another way.", "Write control: alexa_api, or take refresh_token: out.");
        return settings;
    }

    private static string? Site(MapReader echo)
    {
        if (echo.Word("site") is not { } site) return null;
        if (site.StartsWith("amazon.", StringComparison.Ordinal) && site.Length > "amazon.".Length && site.All(c => char.IsAsciiLetterLower(c) || c == '.') && site[^1] != '.' && !site.Contains("..", StringComparison.Ordinal)) return site;
        echo.Problems.Add(echo.Place("site"), $"{((YamlScalar)echo.Place("site")).Shown} is not one of Amazon's sites.", "Write the account's own, such as site: amazon.de, without www. and https://.");
        return null;
    }

    /// <summary>On this machine only: whoever answers there gets the refresh token.</summary>
    private static Uri? Url(MapReader echo)
    {
        if (echo.Word("url", max: 300) is not { } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps && url.UserInfo.Length == 0 && (url.Host == "localhost" || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)))) return url;
        echo.Problems.Add(echo.Place("url"), $"{((YamlScalar)echo.Place("url")).Shown} is not a simulated cloud on this machine.", "Write what tutti simulate echo prints, such as https://127.0.0.1:8443, or take url: out to speak to Amazon.");
        return null;
    }

    private static string? Authority(MapReader echo, string folder)
    {
        if (MqttSection.ExistingFile(echo, "ca", folder) is not { } file) return null;
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(file));
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            echo.Problems.Add(echo.Place("ca"), $"{file} cannot be read as a certificate: {e.Message}", "Name the PEM file that tutti simulate echo prints.");
            return null;
        }
    }
}

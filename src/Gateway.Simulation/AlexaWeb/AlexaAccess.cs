using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Gateway.Simulation;

/// <summary>Tokens and cookies: who may come in. Thread-safe.</summary>
internal sealed class AlexaAccess(TimeProvider time)
{
    private static readonly TimeSpan s_accessTime = TimeSpan.FromHours(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _accessTokens = new(StringComparer.Ordinal);

    public string RefreshToken { get; } = "Atnr|" + Random();

    /// <summary>A new device of the account: any authorization code will do.</summary>
    public AlexaAnswer Register(AlexaRequest request)
    {
        if (request.Json is not JsonObject { } body || body["registration_data"] is not JsonObject device || body["auth_data"] is not JsonObject)
            return new(400, "{\"response\":{\"error\":{\"code\":\"MissingValue\",\"message\":\"registration_data and auth_data are needed.\"}}}");
        var serial = device["device_serial"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "EXAMPLE";
        return AlexaAnswer.Of(new JsonObject
        {
            ["response"] = new JsonObject
            {
                ["success"] = new JsonObject
                {
                    ["tokens"] = new JsonObject
                    {
                        ["bearer"] = new JsonObject { ["access_token"] = NewAccessToken(), ["refresh_token"] = RefreshToken, ["expires_in"] = "3600" },
                        ["mac_dms"] = new JsonObject { ["device_private_key"] = "example", ["adp_token"] = "{enc:example}" },
                        ["website_cookies"] = Cookies("amazon.com"),
                    },
                    ["extensions"] = new JsonObject
                    {
                        ["device_info"] = new JsonObject { ["device_name"] = "Example's app", ["device_serial_number"] = serial, ["device_type"] = "A2IVLV5VM2W81" },
                        ["customer_info"] = new JsonObject { ["user_id"] = "amzn1.account.EXAMPLE", ["name"] = "Example User", ["home_region"] = "EU" },
                    },
                },
            },
        });
    }

    /// <summary>A refresh token for an access token, or for the website's cookies; each client asks for these at another place.</summary>
    public AlexaAnswer Exchange(AlexaRequest request)
    {
        if (request.Form("source_token") != RefreshToken)
            return new(400, "{\"error\":\"invalid_grant\",\"error_description\":\"The refresh token is not valid.\",\"response\":{\"error\":{\"code\":\"InvalidToken\",\"message\":\"The refresh token is not valid.\"}}}");
        if (request.Form("requested_token_type") != "auth_cookies")
            return AlexaAnswer.Of(new JsonObject { ["access_token"] = NewAccessToken(), ["token_type"] = "bearer", ["expires_in"] = 3600 });
        var domain = request.Form("domain") is { Length: > 0 } asked ? asked : request.Host;
        var at = domain.IndexOf("amazon.", StringComparison.Ordinal);
        domain = at < 0 ? "amazon.com" : domain[at..];
        return AlexaAnswer.Of(new JsonObject { ["response"] = new JsonObject { ["tokens"] = new JsonObject { ["cookies"] = new JsonObject { [$".{domain}"] = Cookies(domain) } } } });
    }

    /// <summary>The web API asks for a cookie, and for more than reading also for the token that it gave itself; null: come in.</summary>
    public static AlexaAnswer? Refusal(AlexaRequest request)
    {
        if (!request.Cookies.Any(c => c.Key.StartsWith("at-", StringComparison.Ordinal) && c.Value.Trim('"').Length > 0)) return new(401, "{\"message\":null}");
        var csrf = request.Cookies.GetValueOrDefault("csrf");
        return request.Method is not "GET" and not "HEAD" && (csrf is null || request.Headers.GetValueOrDefault("csrf") != csrf) ? new(403, "{\"message\":\"csrf\"}") : null;
    }

    public bool IsAccessToken(string? authorization)
    {
        if (authorization?.StartsWith("Bearer ", StringComparison.Ordinal) != true) return false;
        lock (_gate) return _accessTokens.TryGetValue(authorization["Bearer ".Length..], out var since) && time.GetElapsedTime(since) < s_accessTime;
    }

    public static string NewCsrf() => RandomNumberGenerator.GetInt32(100_000_000, int.MaxValue).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private string NewAccessToken()
    {
        var token = "Atna|" + Random();
        lock (_gate) _accessTokens[token] = time.GetTimestamp();
        return token;
    }

    private static JsonArray Cookies(string domain)
    {
        var country = domain.Split('.')[^1] switch { "com" when domain == "amazon.com" => "main", "uk" => "acbuk", "jp" => "acbjp", var tld => $"acb{tld}" };
        (string Name, string Value)[] cookies =
        [
            ("session-id", "111-2222222-3333333"), ("session-token", $"\"{Random()}\""), ($"ubid-{country}", "111-4444444-5555555"), ($"x-{country}", Random()),
            ($"at-{country}", $"\"Atza|{Random()}\""), ($"sess-at-{country}", Random()),
        ];
        return new JsonArray([.. cookies.Select(c => (JsonNode)new JsonObject
        {
            ["Name"] = c.Name, ["Value"] = c.Value, ["Path"] = "/", ["Secure"] = true, ["HttpOnly"] = c.Name.Contains("at-", StringComparison.Ordinal), ["Expires"] = "1 Jan 2037 00:00:00 GMT",
        })]);
    }

    private static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}

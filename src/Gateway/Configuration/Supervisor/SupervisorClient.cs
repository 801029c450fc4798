using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Gateway.Configuration.Supervisor;

/// <summary>The broker that the Supervisor knows of; or why there is none, with the remedy.</summary>
internal sealed record SupervisorAnswer(MqttSettings? Mqtt, string? Problem);

/// <summary>Home Assistant's Supervisor, as an app (add-on) sees it: <c>http://supervisor</c> with the token from the environment.</summary>
internal sealed class SupervisorClient : IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);
    private readonly HttpClient _http;

    public SupervisorClient(Uri address, string token)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = s_limit, MaxResponseContentBufferSize = MaxAnswerBytes };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>
    /// Asks for the broker of the MQTT service (<c>GET /services/mqtt</c>). Ask again after a refused password: a broker app that was
    /// installed anew has a new one. Never throws but for the caller's cancellation.
    /// </summary>
    public async Task<SupervisorAnswer> AskForBrokerAsync(CancellationToken cancellation)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri("services/mqtt", UriKind.Relative), cancellation);
            var body = await response.Content.ReadAsByteArrayAsync(cancellation);
            return response.StatusCode switch
            {
                HttpStatusCode.Forbidden => No("it does not let this app use MQTT (403)", "Reinstall the app: its manifest has to name the service mqtt."),
                HttpStatusCode.Unauthorized => No("it does not accept this app's token (401)", "Restart the app: the Supervisor gives it a new one."),
                _ => Read(body, response.StatusCode),
            };
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException
            || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            var reason = e is OperationCanceledException ? $"no answer within {s_limit.TotalSeconds:F0} s" : e.Message.TrimEnd('.');
            return No(reason, "Restart the app, or enter the broker's address in its options.");
        }
    }

    public void Dispose() => _http.Dispose();

    private static SupervisorAnswer Read(byte[] body, HttpStatusCode status)
    {
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        if (Member(root, "result")?.ToString() != "ok" || Member(root, "data") is not { ValueKind: JsonValueKind.Object } data)
        {
            return No($"{Member(root, "message")?.ToString() ?? $"status {(int)status}"}", "Install and start the Mosquitto app, or enter the address of a broker in this app's options.");
        }

        // The port comes as a number or as text.
        if (Text(data, "host") is not { Length: > 0 } host
            || !int.TryParse(Member(data, "port")?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            return No("its answer names no host and port", "Restart the broker's app, or enter the broker's address in this app's options.");
        }

        return new SupervisorAnswer(
            new MqttSettings
            {
                Host = host,
                Port = port,
                Tls = Member(data, "ssl")?.ValueKind == JsonValueKind.True,
                Username = Text(data, "username"),
                Password = Text(data, "password"),
            },
            null);
    }

    private static JsonElement? Member(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) ? value : null;

    private static string? Text(JsonElement of, string name) =>
        Member(of, name) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } text ? text : null;

    private static SupervisorAnswer No(string reason, string remedy) =>
        new(null, $"Home Assistant's Supervisor names no MQTT broker: {reason}. {remedy}");
}

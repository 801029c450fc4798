using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Gateway.Echo.Alexa;

/// <summary>
/// The stream of changes (HTTP/2): the cloud's word that something about an Echo is different. It hardly says what, so the account is asked for that. Belongs to one loop.
/// </summary>
internal sealed class AlexaPush(AlexaAccess access, HttpClient http)
{
    private const int MostBytes = 1 << 18;
    private const string Capabilities = """{"legacyFlags":{"SUPPORTS_COMMS":true},"envelopeVersion":"20160207","capabilities":[{"type":"AlexaInterface","interface":"Alexa","version":"3"},{"type":"AlexaInterface","interface":"System","version":"1.0"}]}""";

    /// <summary>Accounts are held on three continents; whoever is not named is in Europe's part.</summary>
    private static readonly Dictionary<string, string> s_regions = new(StringComparer.Ordinal)
    {
        ["amazon.com"] = "na", ["amazon.ca"] = "na", ["amazon.com.mx"] = "na", ["amazon.com.br"] = "na", ["amazon.co.jp"] = "fe", ["amazon.com.au"] = "fe",
    };

    private string? _refused;
    private bool _isAnnounced;

    /// <summary>Listens until the stream ends, as it does now and then.</summary>
    /// <param name="opened">It stands from now on.</param>
    /// <exception cref="AlexaException">It cannot be opened.</exception>
    /// <exception cref="IOException">It was cut.</exception>
    public async Task ListenAsync(Action opened, Action<JsonElement> told, CancellationToken cancellationToken)
    {
        var token = await access.AccessTokenAsync(_refused, cancellationToken);
        if (!_isAnnounced) await AnnounceAsync(token, cancellationToken);
        using var request = Request(HttpMethod.Get, $"bob-dispatch-prod-{s_regions.GetValueOrDefault(access.Site, "eu")}.amazon.com", "/v20160207/directives", token);
        (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        using var response = await AlexaClient.SendAsync(http, request, cancellationToken, HttpCompletionOption.ResponseHeadersRead);
        _refused = response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized ? token : null;
        if (!response.IsSuccessStatusCode) throw new AlexaException(AlexaTrouble.Unreadable, $"Amazon does not open the stream of changes ({(int)response.StatusCode}).", status: (int)response.StatusCode);
        opened();
        await ReadAsync(await response.Content.ReadAsStreamAsync(cancellationToken), told, cancellationToken);
    }

    /// <summary>An app that has not said what it can do is told nothing. An account that does not take it may have a silent stream: looks go on.</summary>
    private async Task AnnounceAsync(string token, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Put, "api.amazonalexa.com", "/v1/devices/@self/capabilities", token);
        request.Content = new StringContent(Capabilities, Encoding.UTF8, "application/json");
        using var response = await AlexaClient.SendAsync(http, request, cancellationToken);
        _isAnnounced = response.IsSuccessStatusCode;
    }

    private HttpRequestMessage Request(HttpMethod method, string host, string path, string token)
    {
        var request = access.Request(method, host, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }

    /// <summary>Each document has a line of its own, among lines of the frame. A line without an end ends the stream.</summary>
    private static async Task ReadAsync(Stream stream, Action<JsonElement> told, CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(stream);
        while (true)
        {
            var read = await pipe.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = Encoding.UTF8.GetString(buffer.Slice(0, end));
                buffer = buffer.Slice(buffer.GetPosition(1, end));
                if (line.StartsWith('{') && AlexaJson.Parse(line) is { } json) told(json);
            }

            if (read.IsCompleted || buffer.Length > MostBytes) return;
            pipe.AdvanceTo(buffer.Start, buffer.End);
        }
    }
}

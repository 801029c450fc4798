using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.IntegrationTests.Program;
using Gateway.Simulation;

namespace Gateway.IntegrationTests.Simulation;

/// <summary>The simulated Echo cloud as a client of Amazon's meets it: TLS with an authority of its own, on loopback.</summary>
public sealed class SimulatedAlexaTests : IAsyncLifetime, IDisposable
{
    private const string Kitchen = "A4ZXE0RM7LQ7A/G0EXAMPLE0000001";
    private SimulatedAlexa _cloud = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _cloud = await SimulatedAlexa.StartAsync(SimulatedAccount.Example, CatalogueLoader.BuiltIn, 0, TimeProvider.System);
        var authority = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        authority.CustomTrustStore.ImportFromPemFile(_cloud.AuthorityFile);
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AutomaticDecompression = DecompressionMethods.GZip, SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = authority } }) { BaseAddress = _cloud.Url };
    }

    public async Task DisposeAsync() => await _cloud.DisposeAsync();

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    public async Task Both_versions_of_http_come_in_at_one_port_for_whatever_host(int major, int minor)
    {
        var (status, answer) = await AskAsync(HttpMethod.Get, "/api/devices-v2/device?cached=true", host: "alexa.amazon.de", version: new Version(major, minor));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["G0EXAMPLE0000001", "G0EXAMPLE0000002", "G0EXAMPLE0000003", "0123456789abcdef0123456789abcdef"], answer!["devices"]!.AsArray().Select(d => (string?)d!["serialNumber"]));
        Assert.Equal($"HTTP/{(major == 2 ? "2" : "1.1")}", (string?)(await RequestsAsync())[^1]!["protocol"]);
    }

    [Fact]
    public async Task Without_a_cookie_nobody_comes_in_and_without_its_token_nobody_changes_anything()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(HttpMethod.Get, "/api/bluetooth", cookie: null)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(HttpMethod.Post, $"/api/bluetooth/disconnect-sink/{Kitchen}", csrf: null)).Status);
        using var first = new HttpRequestMessage(HttpMethod.Get, "/api/language");
        first.Headers.Add("Cookie", "at-acbde=x");
        first.Headers.Host = "alexa.amazon.co.uk";
        using var answer = await _http.SendAsync(first);
        Assert.Matches(@"^csrf=\d+; Domain=\.amazon\.co\.uk; ", Assert.Single(answer.Headers.GetValues("Set-Cookie")));
    }

    [Theory]
    [InlineData("www.amazon.de", "/ap/exchangetoken/cookies", ".amazon.de", ".amazon.de")]
    [InlineData("api.amazon.co.uk", "/ap/exchangetoken", "www.amazon.co.uk", ".amazon.co.uk")]
    [InlineData("api.amazon.com", "/auth/token", ".amazon.com", ".amazon.com")]
    public async Task Every_way_to_ask_for_cookies_is_known(string host, string path, string domain, string key)
    {
        var answer = await FormAsync(host, path, ("source_token", _cloud.RefreshToken), ("requested_token_type", "auth_cookies"), ("domain", domain));

        var cookies = answer["response"]!["tokens"]!["cookies"]![key]!.AsArray();
        Assert.Contains(cookies, c => ((string?)c!["Name"])!.StartsWith("at-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_registration_gives_the_tokens_and_a_foreign_token_is_refused()
    {
        using var body = new StringContent("{\"registration_data\":{\"device_serial\":\"ABC\"},\"auth_data\":{\"authorization_code\":\"x\"}}");
        var registered = JsonNode.Parse(await (await _http.PostAsync("/auth/register", body)).Content.ReadAsStringAsync())!["response"]!["success"]!;

        Assert.Equal(_cloud.RefreshToken, (string?)registered["tokens"]!["bearer"]!["refresh_token"]);
        Assert.Equal("ABC", (string?)registered["extensions"]!["device_info"]!["device_serial_number"]);
        Assert.Equal("invalid_grant", (string?)(await FormAsync("api.amazon.com", "/auth/token", ("source_token", "Atnr|other"), ("requested_token_type", "access_token")))["error"]);
    }

    [Fact]
    public async Task L2_a_second_link_replaces_the_first_and_one_event_tells_of_it()
    {
        var token = (string?)(await FormAsync("api.amazon.com", "/auth/token", ("source_token", _cloud.RefreshToken), ("requested_token_type", "access_token")))["access_token"];
        using var push = new HttpRequestMessage(HttpMethod.Get, "/v20160207/directives") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        push.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var stream = await _http.SendAsync(push, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync());
        Assert.StartsWith("------", await lines.ReadLineAsync(), StringComparison.Ordinal);
        await TellAsync("/_sim/link", """{ "echo": "kitchen", "peer": "Terrace Speaker" }""");
        Assert.Contains("DEVICE_CONNECTED", await EventAsync(lines), StringComparison.Ordinal);

        await AskAsync(HttpMethod.Post, $"/api/bluetooth/pair-sink/{Kitchen}", """{ "bluetoothDeviceAddress": "00:1A:7D:DA:71:03" }""");

        var told = await EventAsync(lines);
        Assert.Contains("PUSH_BLUETOOTH_STATE_CHANGE", told, StringComparison.Ordinal);
        Assert.Contains("DEVICE_CONNECTED", told, StringComparison.Ordinal);
        var link = (await StateAsync())["echoes"]![0]!["link"]!;
        Assert.Equal(("00:1A:7D:DA:71:03", "receives_from"), ((string?)link["address"], (string?)link["role"]));
        await AskAsync(HttpMethod.Post, "/api/behaviors/preview", """{ "sequenceJson": "{\"startNode\":{\"nodesToExecute\":[{\"type\":\"Alexa.DeviceControls.Volume\",\"operationPayload\":{\"deviceSerialNumber\":\"G0EXAMPLE0000001\",\"value\":\"55\"}},{\"type\":\"Alexa.Speak\"}]}}" }""");
        Assert.Contains("PUSH_VOLUME_CHANGE", await EventAsync(lines), StringComparison.Ordinal);
        Assert.Equal(["Alexa.DeviceControls.Volume", "Alexa.Speak"], (await StateAsync())["sequences"]!.AsArray().Select(s => (string?)s!["type"]));
    }

    [Fact]
    public async Task An_address_that_it_does_not_know_changes_nothing()
    {
        await TellAsync("/_sim/link", """{ "echo": "kitchen", "peer": "Terrace Speaker" }""");

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(HttpMethod.Post, $"/api/bluetooth/pair-sink/{Kitchen}", """{ "bluetoothDeviceAddress": "00:00:00:00:00:09" }""")).Status);

        Assert.Equal("00:1A:7D:DA:71:02", (string?)(await StateAsync())["echoes"]![0]!["link"]!["address"]);
    }

    [Fact]
    public async Task Links_that_are_not_asked_for_freshly_may_be_a_minute_old()
    {
        Assert.DoesNotContain("\"connected\":true", (await AskAsync(HttpMethod.Get, "/api/bluetooth?cached=true")).Answer!.ToJsonString(), StringComparison.Ordinal);
        await TellAsync("/_sim/link", """{ "echo": "kitchen", "peer": "Terrace Speaker" }""");

        Assert.DoesNotContain("\"connected\":true", (await AskAsync(HttpMethod.Get, "/api/bluetooth?cached=true")).Answer!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("\"connected\":true", (await AskAsync(HttpMethod.Get, "/api/bluetooth?cached=false")).Answer!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_comes_as_often_as_it_was_ordered_and_a_reset_takes_everything_back()
    {
        await TellAsync("/_sim/faults", """{ "path": "/api/blue*", "method": "GET", "status": 503, "body": "<html>", "times": 2 }""");
        await TellAsync("/_sim/link", """{ "echo": "kitchen", "peer": "Terrace Speaker" }""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AskAsync(HttpMethod.Get, "/api/bluetooth")).Status);
        await TellAsync("/_sim/faults", """{ "path": "/api/bluetooth", "status": 418, "times": 9 }""");

        await TellAsync("/_sim/reset", "");

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(HttpMethod.Get, "/api/bluetooth")).Status);
        Assert.Null((await StateAsync())["echoes"]![0]!["link"]);
        Assert.Single(await RequestsAsync());
    }

    [Theory]
    [InlineData("/_sim/faults", "no json")]
    [InlineData("/_sim/faults", """{ "path": "/a", "status": 99 }""")]
    [InlineData("/_sim/faults", """{ "path": "/a", "statsu": 500 }""")]
    [InlineData("/_sim/link", """{ "echo": "kitchen" }""")]
    [InlineData("/_sim/link", """{ "echo": "kitchen", "peer": "nobody" }""")]
    public async Task What_the_simulation_cannot_obey_it_answers_with_a_sentence(string path, string body)
    {
        using var content = new StringContent(body);
        using var answer = await _http.PostAsync(path, content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Matches(@"^[A-Z""].*\.$", (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["message"]);
    }

    [Fact]
    public async Task The_command_says_where_it_is_in_one_line_and_ends_when_asked_to()
    {
        using var program = BuiltProgram.Start("simulate", "echo");
        await program.SaysAsync("}", TimeSpan.FromSeconds(30));
        var ready = JsonNode.Parse(program.Text)!.AsObject();

        Assert.Equal(["ready", "url", "ca", "refresh_token"], ready.Select(m => m.Key));
        Assert.True(File.Exists((string?)ready["ca"]));
        Assert.Matches(@"^https://127\.0\.0\.1:\d+$", (string?)ready["url"]);
        Assert.Equal(0, await program.TerminateAsync(TimeSpan.FromSeconds(30)));
        Assert.False(File.Exists((string?)ready["ca"]));
    }

    private static async Task<string> EventAsync(StreamReader lines)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            if (line.StartsWith('{')) return line;
        }

        return "";
    }

    private async Task<(HttpStatusCode Status, JsonNode? Answer)> AskAsync(
        HttpMethod method, string path, string? body = null, string? cookie = "at-acbde=x; csrf=1", string? csrf = "1", string host = "alexa.amazon.com", Version? version = null)
    {
        using var request = new HttpRequestMessage(method, path) { Version = version ?? HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Host = host;
        if (cookie is not null) request.Headers.Add("Cookie", cookie);
        if (csrf is not null) request.Headers.Add("csrf", csrf);
        if (body is not null) request.Content = new StringContent(body);
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text) : null);
    }

    private async Task<JsonNode> FormAsync(string host, string path, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))) };
        request.Headers.Host = host;
        using var answer = await _http.SendAsync(request);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    private async Task TellAsync(string path, string body)
    {
        using var content = new StringContent(body);
        using var answer = await _http.PostAsync(path, content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonNode> StateAsync() => JsonNode.Parse(await _http.GetStringAsync("/_sim/state"))!;

    private async Task<JsonArray> RequestsAsync() => JsonNode.Parse(await _http.GetStringAsync("/_sim/requests"))!["requests"]!.AsArray();
}

using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Gateway.Timing;

namespace Gateway.Echo.Alexa;

/// <summary>The session: cookies for the refresh token, exchanged when they are stale, kept in the data directory. One at a time; thread-safe.</summary>
internal sealed class AlexaAccess(AlexaOptions options, HttpClient http, TimeProvider time) : IDisposable
{
    private static readonly string[] s_csrfPaths = ["/api/language", "/spa/index.html", "/api/devices-v2/device?cached=false", "/templates/oobe/d-device-pick.handlebars", "/api/strings"];

    /// <summary>Cookies hold some 14 days.</summary>
    private static readonly TimeSpan s_cookieTime = TimeSpan.FromDays(4);

    /// <summary>They hold an hour.</summary>
    private static readonly TimeSpan s_accessTime = TimeSpan.FromMinutes(50);

    private readonly SessionFile _file = new(options.DataDirectory);
    private readonly string _token = AlexaSession.DigestOf(options.RefreshToken);
    private readonly SemaphoreSlim _one = new(1);
    private volatile AlexaSession? _session;
    private (string Text, TimeSpan Until)? _accessToken;

    public string Site => _session?.Site ?? options.Site ?? DefaultSite;

    private const string DefaultSite = "amazon.com";

    public HttpRequestMessage Request(HttpMethod method, string host, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(options.Url ?? new Uri($"https://{host}"), path));
        if (options.Url is not null) request.Headers.Host = host;
        return request;
    }

    public void Dispose() => _one.Dispose();

    /// <param name="stale">The session that was refused, so that only the first of several who met it exchanges it; null: none was.</param>
    public async Task<AlexaSession> TakeAsync(AlexaSession? stale, CancellationToken cancellationToken)
    {
        if (_session is { } now && Differs(now, stale) && !IsOld(now)) return now;
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_session is null && _file.Read() is { } kept && kept.Token == _token && (options.Site is null || kept.Site == options.Site)) _session = kept;
            if (_session is { } other && Differs(other, stale) && !IsOld(other)) return other;
            return Keep(await WithCsrfAsync(await EnterAsync(cancellationToken), cancellationToken));
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The token against forgery is missing or old.</summary>
    public async Task<AlexaSession> TakeCsrfAsync(AlexaSession refused, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_session is { } now && (now.Csrf != refused.Csrf || Differs(now, refused))) return now;
            return Keep(await WithCsrfAsync(refused with { Csrf = null }, cancellationToken));
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>For the stream of changes: it holds an hour, and is kept nowhere.</summary>
    /// <param name="refused">The one that was refused; null: none was.</param>
    public async Task<string> AccessTokenAsync(string? refused, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_accessToken is { } now && now.Text != refused && time.Now() < now.Until) return now.Text;
            using var response = await AskForTokenAsync(Site, cancellationToken);
            if (response.StatusCode == HttpStatusCode.BadRequest) throw SignedOut(response);
            if (AlexaJson.Parse(await AlexaClient.TextOf(response, cancellationToken)) is not { } json || json.Text("access_token") is not { Length: > 0 } token || !token.All(IsOfCookie))
                throw new AlexaException(AlexaTrouble.Unreadable, $"Amazon gives no access token ({(int)response.StatusCode}).", status: (int)response.StatusCode);
            _accessToken = (token, time.Now() + s_accessTime);
            return token;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Any answer may bring a new token against forgery.</summary>
    public void Note(AlexaSession session, HttpResponseMessage response)
    {
        if (CsrfOf(response) is { } csrf && csrf != session.Csrf && ReferenceEquals(_session, session)) Keep(session with { Csrf = csrf });
    }

    private static bool Differs(AlexaSession now, AlexaSession? stale) => stale is null || now.At != stale.At;

    /// <summary>Also one from the future: the clock was wrong then, or is now.</summary>
    private bool IsOld(AlexaSession session)
    {
#pragma warning disable RS0030 // it is stored
        var age = time.GetUtcNow() - session.At;
#pragma warning restore RS0030
        return age > s_cookieTime || age < -s_cookieTime;
    }

    private AlexaSession Keep(AlexaSession session)
    {
        _session = session;
        _file.Write(session); // where it cannot be written, the next start asks anew
        return session;
    }

    /// <summary>Cookies of the account's own Amazon: told, or asked of the account.</summary>
    private async Task<AlexaSession> EnterAsync(CancellationToken cancellationToken)
    {
        if ((options.Site ?? _session?.Site) is { } known) return await ExchangeAsync(known, cancellationToken);
        var session = await ExchangeAsync(DefaultSite, cancellationToken);
        using var request = Request(HttpMethod.Get, $"alexa.{DefaultSite}", "/api/users/me?platform=ios&version=2.2.556530.0");
        request.Headers.TryAddWithoutValidation("Cookie", session.CookieHeader());
        using var response = await AlexaClient.SendAsync(http, request, cancellationToken);
        var home = SiteOf(await AlexaClient.TextOf(response, cancellationToken));
        return home is null || home == DefaultSite ? session : await ExchangeAsync(home, cancellationToken);
    }

    private async Task<AlexaSession> ExchangeAsync(string site, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, $"www.{site}", "/ap/exchangetoken/cookies");
        request.Headers.TryAddWithoutValidation("x-amzn-identity-auth-domain", $"api.{site}");
        request.Content = Form(("requested_token_type", "auth_cookies"), ("domain", $".{site}"));
        using var response = await AlexaClient.SendAsync(http, request, cancellationToken);
        var cookies = CookiesOf(await AlexaClient.TextOf(response, cancellationToken));
#pragma warning disable RS0030 // it is stored
        if (response.IsSuccessStatusCode && cookies.Count > 0) return new AlexaSession(_token, site, cookies, null, time.GetUtcNow());
#pragma warning restore RS0030
        if (await IsRefusedAsync(site, cancellationToken)) throw SignedOut(response);
        throw new AlexaException(
            AlexaTrouble.Unreadable, $"Amazon gives no cookies for {site} ({(int)response.StatusCode}), although it accepts the refresh token.", "If the account is another country's, write it as echo.site, such as site: amazon.de.", (int)response.StatusCode);
    }

    /// <summary>Only this says for sure that the token is no good: not the network, nor a fault on the other side.</summary>
    private async Task<bool> IsRefusedAsync(string site, CancellationToken cancellationToken)
    {
        using var response = await AskForTokenAsync(site, cancellationToken);
        return response.StatusCode == HttpStatusCode.BadRequest;
    }

    private static AlexaException SignedOut(HttpResponseMessage response) => new(
        AlexaTrouble.SignedOut, "Amazon refuses the refresh token of echo.refresh_token: it was withdrawn, or copied wrongly.", "Get a new one (docs/echo.md), put it there and start the gateway anew.", (int)response.StatusCode);

    private async Task<HttpResponseMessage> AskForTokenAsync(string site, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, "api.amazon.com", "/auth/token");
        request.Content = Form(("requested_token_type", "access_token"), ("domain", $".{site}"));
        return await AlexaClient.SendAsync(http, request, cancellationToken);
    }

    private async Task<AlexaSession> WithCsrfAsync(AlexaSession session, CancellationToken cancellationToken)
    {
        foreach (var path in s_csrfPaths)
        {
            using var request = Request(HttpMethod.Get, $"alexa.{session.Site}", path);
            request.Headers.TryAddWithoutValidation("Cookie", session.CookieHeader());
            using var response = await AlexaClient.SendAsync(http, request, cancellationToken);
            if (CsrfOf(response) is { } csrf) return session with { Csrf = csrf };
        }

        return session; // reading works without; a command will say so
    }

    private FormUrlEncodedContent Form(params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var all = new List<KeyValuePair<string, string>>
        {
            new("app_name", "Amazon Alexa"), new("app_version", "2.2.556530.0"), new("di.sdk.version", "6.12.4"), new("package_name", "com.amazon.echo"), new("di.hw.version", "iPhone"),
            new("platform", "iOS"), new("di.os.name", "iOS"), new("di.os.version", "16.6"), new("current_version", "6.12.4"), new("source_token_type", "refresh_token"), new("source_token", options.RefreshToken),
        };
        foreach (var (name, value) in fields) all.Add(new(name, value));
        return new FormUrlEncodedContent(all);
    }

    private static string? CsrfOf(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Set-Cookie", out var cookies)) return null;
        var value = cookies.FirstOrDefault(c => c.StartsWith("csrf=", StringComparison.Ordinal))?.Split(';')[0]["csrf=".Length..];
        return value is { Length: > 0 and < 200 } && value.All(IsOfCookie) ? value : null;
    }

    private static ImmutableDictionary<string, string> CookiesOf(string text)
    {
        var found = ImmutableDictionary<string, string>.Empty;
        if (AlexaJson.Parse(text) is not { } json || json.Member("response").Member("tokens").Member("cookies") is not { ValueKind: JsonValueKind.Object } domains) return found;
        foreach (var cookie in domains.EnumerateObject().SelectMany(d => d.Value.Items()))
        {
            if (cookie.Text("Name") is { Length: > 0 } name && cookie.Text("Value") is { } value && name.All(IsOfCookie) && value.All(IsOfCookie)) found = found.SetItem(name, value);
        }

        return found;
    }

    /// <summary>Nothing that would end the cookie, or the header.</summary>
    private static bool IsOfCookie(char c) => c is > ' ' and < '\u007f' and not ';' and not ',';

    private static string? SiteOf(string text) =>
        AlexaJson.Parse(text) is { } json && Uri.TryCreate(json.Text("marketPlaceDomainName"), UriKind.Absolute, out var url) && url.Host.StartsWith("www.amazon.", StringComparison.Ordinal) ? url.Host["www.".Length..] : null;
}

using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gateway.Timing;
using Polly.RateLimiting;
using Polly.Timeout;

namespace Gateway.Echo.Alexa;

/// <summary>
/// Asks and tells the Alexa web API. Stale cookies are exchanged once, an old token against forgery is fetched once; an answer that asks for fewer requests keeps
/// everything quiet for as long as it says, or longer each time. Thread-safe.
/// </summary>
internal sealed class AlexaClient : IDisposable
{
    private static readonly string[] s_tooMany = ["Rate exceeded", "Too many requests", "ThrottlingException", "TOO_MANY_REQUESTS"];

    /// <summary>Each time costs an exchange of cookies.</summary>
    private static readonly TimeSpan s_signInPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_notOursPause = TimeSpan.FromDays(1);
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly AlexaAccess _access;
    private readonly Lock _gate = new();
    private readonly Backoff _backoff;
    private TimeSpan _quietUntil;

    public AlexaClient(AlexaOptions options, TimeProvider time, Func<double>? random = null)
    {
        _time = time;
        _http = AlexaHttp.Open(options, time);
        _access = new AlexaAccess(options, _http, time);
        Push = new AlexaPush(_access, _http);
        _backoff = new Backoff(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(20), time, random);
    }

    /// <summary>The account's Amazon, as far as it is known.</summary>
    public string Site => _access.Site;

    /// <summary>The way in which the cloud tells by itself; with the same session.</summary>
    public AlexaPush Push { get; }

    /// <param name="list">The list that the answer must have: without it nothing is said, which is not the same as an empty one.</param>
    /// <exception cref="AlexaException">There is no answer that can be used.</exception>
    public async Task<JsonElement> GetAsync(string path, string list, CancellationToken cancellationToken)
    {
        if (AlexaJson.Parse(await AskAsync(HttpMethod.Get, path, null, cancellationToken)) is not { } json)
            throw new AlexaException(AlexaTrouble.Unreadable, $"Amazon's answer to {Shown(path)} cannot be read: it is cut off, or no JSON.");
        if (json.Member(list).ValueKind != JsonValueKind.Array) throw new AlexaException(AlexaTrouble.Unreadable, $"Amazon's answer to {Shown(path)} cannot be read: there is no {list} in it.");
        return json;
    }

    /// <summary>An answer only means that it was taken.</summary>
    /// <param name="json">Null: no body.</param>
    /// <inheritdoc cref="GetAsync"/>
    public Task TellAsync(HttpMethod method, string path, string? json, CancellationToken cancellationToken) => AskAsync(method, path, json, cancellationToken);

    public void Dispose()
    {
        _access.Dispose();
        _http.Dispose();
    }

    private async Task<string> AskAsync(HttpMethod method, string path, string? json, CancellationToken cancellationToken)
    {
        RefuseWhileQuiet();
        var session = await _access.TakeAsync(stale: null, cancellationToken);
        var answer = await SendAsync(method, path, json, session, cancellationToken);
        if (answer.IsSignIn)
        {
            session = await _access.TakeAsync(stale: session, cancellationToken);
            answer = await SendAsync(method, path, json, session, cancellationToken);
        }
        else if (answer.Status == HttpStatusCode.Forbidden && method != HttpMethod.Get)
        {
            session = await _access.TakeCsrfAsync(session, cancellationToken);
            answer = await SendAsync(method, path, json, session, cancellationToken);
        }

        return answer switch
        {
            { IsSignIn: true } => throw new AlexaException(AlexaTrouble.Unreadable, $"Amazon answers {Shown(path)} with its sign-in page, although it has just let the gateway in.", status: (int)answer.Status) { Quiet = s_signInPause },
            { Status: HttpStatusCode.Forbidden or HttpStatusCode.NotFound } => throw new AlexaException(AlexaTrouble.NotForThisAccount, $"Amazon does not give this account {Shown(path)} ({(int)answer.Status}).", status: (int)answer.Status) { Quiet = s_notOursPause },
            { IsSuccess: false } => throw new AlexaException(AlexaTrouble.Unreadable, $"Amazon answers {Shown(path)} with the error {(int)answer.Status}.", "It may be a fault on Amazon's side: it is tried again.", (int)answer.Status),
            _ => Worked(answer.Body),
        };
    }

    private async Task<Answer> SendAsync(HttpMethod method, string path, string? json, AlexaSession session, CancellationToken cancellationToken)
    {
        using var request = _access.Request(method, $"alexa.{session.Site}", path);
        request.Headers.TryAddWithoutValidation("Cookie", session.CookieHeader());
        if (session.Csrf is not null) request.Headers.TryAddWithoutValidation("csrf", session.Csrf);
        request.Headers.TryAddWithoutValidation("Referer", $"https://alexa.{session.Site}/spa/index.html");
        request.Headers.TryAddWithoutValidation("Origin", $"https://alexa.{session.Site}");
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json", "UTF-8"));
        using var response = await SendAsync(_http, request, cancellationToken);
        var body = await TextOf(response, cancellationToken);
        if (IsThrottled(response.StatusCode, body)) throw Quiet(response.Headers.RetryAfter);
        _access.Note(session, response);
        return new Answer(response.StatusCode, body, response.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>What the network does to a request, in words.</summary>
    public static async Task<HttpResponseMessage> SendAsync(
        HttpClient http, HttpRequestMessage request, CancellationToken cancellationToken, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        try
        {
            return await http.SendAsync(request, completion, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException or RateLimiterRejectedException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var why = e switch
            {
                TimeoutRejectedException or OperationCanceledException => "it does not answer in time",
                RateLimiterRejectedException => "too many requests of the gateway's own are waiting",
                HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its name cannot be looked up",
                HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "its certificate is not accepted",
                _ => "there is no connection",
            };
            throw new AlexaException(AlexaTrouble.Unreachable, $"Amazon's cloud ({request.Headers.Host ?? request.RequestUri!.Host}) cannot be reached: {why}.", "Look at this machine's network and clock.", inner: e);
        }
    }

    /// <summary>Whatever the answer says of its letters: they are UTF-8.</summary>
    public static async Task<string> TextOf(HttpResponseMessage response, CancellationToken cancellationToken) => Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(cancellationToken));

    private void RefuseWhileQuiet()
    {
        lock (_gate)
        {
            if (_quietUntil > _time.Now()) throw TooMany(_quietUntil - _time.Now());
        }
    }

    private AlexaException Quiet(RetryConditionHeaderValue? retryAfter)
    {
        lock (_gate)
        {
            if (_quietUntil > _time.Now()) return TooMany(_quietUntil - _time.Now()); // another request was told so at the same time
#pragma warning disable RS0030 // the other side's clock is meant
            var asked = retryAfter?.Delta ?? (retryAfter?.Date is { } date ? date - _time.GetUtcNow() : TimeSpan.Zero);
#pragma warning restore RS0030
            var pause = _backoff.Failed(TimeSpan.FromSeconds(Math.Clamp(asked.TotalSeconds, 0, TimeSpan.FromHours(24).TotalSeconds)));
            _quietUntil = _time.Now() + pause;
            return TooMany(pause);
        }
    }

    private static AlexaException TooMany(TimeSpan pause) => new(
        AlexaTrouble.Throttled, $"Amazon says that it gets too many requests, so the gateway asks nothing for {Math.Max(1, Math.Ceiling(pause.TotalMinutes)):0} min.",
        "Other programs with this account (Home Assistant's Alexa integrations) count too.") { Quiet = pause };

    private string Worked(string body)
    {
        lock (_gate) _backoff.Succeeded();
        return body;
    }

    /// <summary>Said plainly, or in a short answer that looks like any other (a long one may have a device of that name).</summary>
    private static bool IsThrottled(HttpStatusCode status, string body) =>
        status == HttpStatusCode.TooManyRequests || ((int)status is 200 or 400 or 503 && body.Length < 600 && s_tooMany.Any(text => body.Contains(text, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Without the query, which says nothing to people.</summary>
    private static string Shown(string path) => path.Split('?')[0];

    private sealed record Answer(HttpStatusCode Status, string Body, string? Type)
    {
        public bool IsSuccess => (int)Status is >= 200 and < 300;

        /// <summary>The cookies are stale: said so, or by leading to the sign-in page.</summary>
        public bool IsSignIn => Status == HttpStatusCode.Unauthorized || (int)Status is >= 300 and < 400 || (IsSuccess && (Type == "text/html" || Body.AsSpan().TrimStart().StartsWith("<")));
    }
}

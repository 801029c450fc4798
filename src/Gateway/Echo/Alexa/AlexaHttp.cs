using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Timeout;

namespace Gateway.Echo.Alexa;

/// <summary>The way to the cloud: at most two requests at a time, each with its time; what only asks is tried again where the network or the server failed.</summary>
internal static class AlexaHttp
{
    private const int MostInFlight = 2;
    private const int MostBytes = 16 << 20;
    private static readonly TimeSpan s_requestTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(2);

    /// <exception cref="InvalidDataException">The authority's file cannot be used.</exception>
    public static HttpClient Open(AlexaOptions options, TimeProvider time)
    {
        var sockets = new SocketsHttpHandler
        {
            UseCookies = false, // theirs are kept with the session
            AllowAutoRedirect = false, // a sign-in page is no answer
            AutomaticDecompression = DecompressionMethods.GZip,
            PooledConnectionLifetime = TimeSpan.FromMinutes(15), // another address behind the name
            KeepAlivePingDelay = TimeSpan.FromMinutes(3), // the stream of changes says nothing for hours
            KeepAlivePingTimeout = TimeSpan.FromSeconds(30),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = options.AuthorityFile is { } file ? PolicyOf(file) : null },
        };
        var client = new HttpClient(new ResilienceHandler(PipelineOf(time)) { InnerHandler = sockets })
        {
            Timeout = TimeSpan.FromMinutes(3), // a body that never ends: the rest is the pipeline's
            MaxResponseContentBufferSize = MostBytes,
        };
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "Mozilla/5.0 (compatible; Tutti)");
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", "application/json");
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Language", "en");
        return client;
    }

    private static ResiliencePipeline<HttpResponseMessage> PipelineOf(TimeProvider time)
    {
        var again = new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = 2,
            Delay = s_firstPause,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldRetryAfterHeader = false, // one who asks to be left alone is left alone, and not by waiting here
            ShouldHandle = attempt => ValueTask.FromResult(IsWorthAnother(attempt.Outcome)),
        };
        again.DisableForUnsafeHttpMethods(); // a command may have been carried out before its answer was lost
        return new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddConcurrencyLimiter(MostInFlight, queueLimit: 1000)
            .AddRetry(again)
            .AddTimeout(new TimeoutStrategyOptions { Timeout = s_requestTime })
            .Build();
    }

    private static bool IsWorthAnother(Outcome<HttpResponseMessage> outcome) => outcome.Exception is HttpRequestException or TimeoutRejectedException
        || outcome.Result is { StatusCode: HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout };

    private static X509ChainPolicy PolicyOf(string file)
    {
        try
        {
            return new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { X509Certificate2.CreateFromPem(File.ReadAllText(file)) }, RevocationMode = X509RevocationMode.NoCheck };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"The certificate of echo.ca cannot be read: {e.Message} Name the PEM file that tutti simulate echo prints.", e);
        }
    }
}

using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Simulation;

/// <summary>
/// Amazon's Echo cloud, simulated on loopback: TLS with an authority of its own, HTTP/1.1 and HTTP/2 on one port, for whatever client of the Alexa web API there is.
/// It answers by path, whatever host was asked for. The Echos obey the laws of the simulated house.
/// </summary>
public sealed class SimulatedAlexa : IAsyncDisposable
{
    private const int MostBytes = 1 << 20;
    private static readonly string[] s_headers = ["authorization", "content-type", "csrf", "user-agent", "accept", "accept-encoding", "x-amzn-identity-auth-domain"];
    private readonly World _world;
    private readonly AlexaAccess _access;
    private readonly AlexaFaults _faults = new();
    private readonly AlexaPush _push;
    private readonly AlexaApi _api;
    private readonly AlexaControl _control;
    private readonly AlexaCertificates _certificates;
    private readonly WebApplication _web;

    private SimulatedAlexa(SimulatedAccount account, Catalogue catalogue, int port, TimeProvider time)
    {
        var extras = new AlexaExtras();
        _world = new World(seed: 1, new Limits(), time, NullLogger.Instance);
        _world.Do(Furnish);
        _access = new AlexaAccess(time);
        _push = new AlexaPush(_world);
        _api = new AlexaApi(_world, new SimulatedEchoCloud(_world), _access, extras, _push);
        _control = new AlexaControl(_world, Furnish, _api, _faults, extras, _push);
        _certificates = new AlexaCertificates(time);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostBytes;
            kestrel.Limits.MinResponseDataRate = null; // a push stream says nothing for hours
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(10);
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(_certificates.Server);
            });
        });
        _web = builder.Build();
        _web.Run(HandleAsync);

        void Furnish() => AccountBuilder.Furnish(_world, account, catalogue);
    }

    /// <summary>Such as <c>https://127.0.0.1:40123</c>.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>The authority that its certificate is of: a PEM file, there as long as the cloud is.</summary>
    public string AuthorityFile => _certificates.AuthorityFile;

    public string RefreshToken => _access.RefreshToken;

    /// <param name="port">0: a free one.</param>
    /// <exception cref="IOException">It cannot listen there.</exception>
    public static async Task<SimulatedAlexa> StartAsync(SimulatedAccount account, Catalogue catalogue, int port, TimeProvider time)
    {
        var cloud = new SimulatedAlexa(account, catalogue, port, time);
        try
        {
            await cloud._web.StartAsync();
        }
        catch (Exception no) when (no is IOException or SocketException)
        {
            await cloud.DisposeAsync();
            throw new IOException(no.InnerException?.Message ?? no.Message, no);
        }

        cloud._push.Begin();
        cloud.Url = new Uri(cloud._web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return cloud;
    }

    public async ValueTask DisposeAsync()
    {
        _push.Cut();
        await _web.DisposeAsync();
        await _world.DisposeAsync();
        _certificates.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        _faults.Enter();
        try
        {
            await AnswerAsync(context, await ReadAsync(context.Request));
        }
        finally
        {
            _faults.Leave();
        }
    }

    private async Task AnswerAsync(HttpContext context, AlexaRequest request)
    {
        if (request.Segments is ["_sim", ..])
        {
            await WriteAsync(context, request, context.Connection.RemoteIpAddress is { } from && IPAddress.IsLoopback(from) ? _control.Answer(request) : AlexaAnswer.Problem(403, "Only this machine may steer the simulation."));
            return;
        }

        _faults.Record(request);
        if (_faults.Take(request) is { } fault)
        {
            if (fault.Delay > TimeSpan.Zero) await Task.Delay(fault.Delay, _world.Time, context.RequestAborted);
            if (fault.Answer is { } wrong)
            {
                await WriteAsync(context, request, wrong);
                return;
            }
        }

        if (request is { Method: "GET", Segments: ["v20160207", "directives"] })
        {
            if (_access.IsAccessToken(request.Headers.GetValueOrDefault("authorization"))) await _push.ServeAsync(context);
            else await WriteAsync(context, request, AlexaAnswer.Problem(403, "The access token is missing or no longer valid."));
            return;
        }

        var answer = _api.Answer(request);
        if (request is { Method: "GET", Segments: ["api" or "spa" or "templates", ..] } && answer.Status == 200 && !request.Cookies.ContainsKey("csrf")) SetCsrf(context, request.Host);
        await WriteAsync(context, request, answer);
    }

    private static async Task<AlexaRequest> ReadAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        return new AlexaRequest(request.Method, request.Host.Value ?? "", request.Path.Value ?? "/", await reader.ReadToEndAsync())
        {
            Query = request.Query.ToDictionary(q => q.Key, q => q.Value.ToString(), StringComparer.Ordinal),
            Cookies = request.Cookies.ToDictionary(StringComparer.Ordinal),
            Headers = request.Headers.Where(h => s_headers.Contains(h.Key, StringComparer.OrdinalIgnoreCase)).ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString(), StringComparer.Ordinal),
            Protocol = request.Protocol,
        };
    }

    private static void SetCsrf(HttpContext context, string host)
    {
        var at = host.IndexOf("amazon.", StringComparison.Ordinal);
        var domain = at < 0 ? "" : $"; Domain=.{host[at..].Split(':')[0]}";
        context.Response.Headers.Append("Set-Cookie", $"csrf={AlexaAccess.NewCsrf()}{domain}; Path=/; Secure");
    }

    private static async Task WriteAsync(HttpContext context, AlexaRequest request, AlexaAnswer answer)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers) response.Headers[name] = value;
        if (answer.Status is 204 or 304) return;
        var bytes = Encoding.UTF8.GetBytes(answer.Body);
        if (bytes.Length > 0)
        {
            response.ContentType = answer.ContentType;
            if (request.Headers.GetValueOrDefault("accept-encoding")?.Contains("gzip", StringComparison.OrdinalIgnoreCase) == true)
            {
                response.Headers.ContentEncoding = "gzip";
                using var packed = new MemoryStream();
                await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) await gzip.WriteAsync(bytes, context.RequestAborted);
                bytes = packed.ToArray();
            }
        }

        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}

using System.Net;
using System.Text;

namespace Gateway.Tests.Configuration.Supervisor;

/// <summary>Answers every request on a free loopback port with one status and body, and keeps what it was asked.</summary>
internal sealed class FakeSupervisor : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly int _status;
    private readonly string _body;

    public FakeSupervisor(int status, string body)
    {
        (_status, _body) = (status, body);
        Address = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}/");
        _listener.Prefixes.Add(Address.AbsoluteUri);
        _listener.Start();
        _ = AnswerAsync();
    }

    public Uri Address { get; }

    /// <summary>Method, path and authorization of each request.</summary>
    public List<string> Requests { get; } = [];

    public void Dispose() => _listener.Close();

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                Requests.Add($"{context.Request.HttpMethod} {context.Request.RawUrl} {context.Request.Headers["Authorization"]}");
                context.Response.StatusCode = _status;
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(_body));
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Closed by the test.
        }
    }
}

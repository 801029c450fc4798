using System.Net;
using System.Net.Sockets;

namespace Gateway.IntegrationTests.Mqtt;

/// <summary>Stands between a client and a broker, and can cut the wire.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> _ends = [];
    private readonly int _target;

    public Relay(int target)
    {
        _target = target;
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>New connections are reset at once.</summary>
    public bool Hold { get; set; }

    /// <summary>Resets every connection, as a crashed process or a pulled plug would.</summary>
    public void Cut()
    {
        lock (_ends)
        {
            foreach (var end in _ends)
            {
                if (end.Client is { } socket) socket.LingerState = new LingerOption(true, 0);
                end.Dispose();
            }

            _ends.Clear();
        }
    }

    public ValueTask DisposeAsync()
    {
        _listener.Stop();
        Cut();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync();
                if (Hold)
                {
                    near.Dispose();
                    continue;
                }

                var far = new TcpClient();
                await far.ConnectAsync(IPAddress.Loopback, _target);
                lock (_ends) _ends.AddRange([near, far]);
                _ = PumpAsync(near, far);
                _ = PumpAsync(far, near);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private static async Task PumpAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }

        to.Dispose();
    }
}

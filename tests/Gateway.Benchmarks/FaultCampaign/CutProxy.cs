using System.Net;
using System.Net.Sockets;

namespace Gateway.Benchmarks.FaultCampaign;

/// <summary>What the wire between gateway and broker does.</summary>
internal enum Wire
{
    Well,

    /// <summary>Takes everything and passes nothing on.</summary>
    Hole,

    /// <summary>Some kilobytes a second.</summary>
    Slow,
}

/// <summary>The wire between the gateway and the broker, to be cut, held and slowed.</summary>
internal sealed class CutProxy : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly Lock _gate = new();
    private readonly HashSet<TcpClient> _open = [];
    private volatile Wire _wire = Wire.Well;

    public CutProxy(int target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Wire Wire
    {
        set => _wire = value;
    }

    public void Cut()
    {
        lock (_gate)
        {
            foreach (var client in _open) client.Close();
            _open.Clear();
        }
    }

    public void Dispose()
    {
        _listener.Stop();
        _listener.Dispose();
        Cut();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // stopped
        }
    }

    private async Task ServeAsync(TcpClient near)
    {
        using var far = new TcpClient();
        using (near)
        {
            try
            {
                near.NoDelay = far.NoDelay = true;
                await far.ConnectAsync(IPAddress.Loopback, _target);
                lock (_gate)
                {
                    _open.Add(near);
                    _open.Add(far);
                }

                await Task.WhenAny(PassAsync(near.GetStream(), far.GetStream()), PassAsync(far.GetStream(), near.GetStream()));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException or InvalidOperationException)
            {
                // either end is gone: so is the wire
            }

            lock (_gate)
            {
                _open.Remove(near);
                _open.Remove(far);
            }
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to)
    {
        var block = new byte[16384];
        while (true)
        {
            var size = _wire == Wire.Slow ? 256 : block.Length;
            var read = await from.ReadAsync(block.AsMemory(0, size));
            if (read == 0) return;
            while (_wire == Wire.Hole) await Task.Delay(s_pause);
            if (_wire == Wire.Slow) await Task.Delay(s_pause);
            await to.WriteAsync(block.AsMemory(0, read));
        }
    }
}

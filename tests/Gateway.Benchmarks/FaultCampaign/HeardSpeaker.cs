using System.Diagnostics;
using System.Net.Sockets;
using Gateway.Bluetooth.A2dp;
using Gateway.Native.Sbc;

namespace Gateway.Benchmarks.FaultCampaign;

/// <summary>A Bluetooth speaker of the campaign: takes what comes over its stream and knows how long it heard nothing.</summary>
internal sealed class HeardSpeaker(string path)
{
    /// <summary>Of 32,768. Silence is zeros, and the test signal never falls as low for as long as a packet.</summary>
    private const short Audible = 20;

    private readonly Lock _gate = new();
    private Socket? _socket;
    private long _heard;
    private TimeSpan _longest;
    private volatile bool _takesNothing;

    /// <summary>Its object at BlueZ.</summary>
    public string Path => path;

    /// <summary>It leaves what comes in the socket, as a link does that has become slow.</summary>
    public bool TakesNothing
    {
        set => _takesNothing = value;
    }

    /// <param name="timestamp">Of <see cref="Stopwatch"/>.</param>
    public bool HasHeardSince(long timestamp)
    {
        lock (_gate) return _heard > timestamp;
    }

    /// <summary>The longest time without a sound since <see cref="Mark"/>, the present one included.</summary>
    public TimeSpan LongestSilence
    {
        get
        {
            lock (_gate) return _heard != 0 && Stopwatch.GetElapsedTime(_heard) is var now && now > _longest ? now : _longest;
        }
    }

    public void Mark()
    {
        lock (_gate) _longest = TimeSpan.Zero;
    }

    /// <summary>A stream to it was taken.</summary>
    public void Take(Socket socket)
    {
        Close();
        lock (_gate) _socket = socket;
        new Thread(() => Hear(socket)) { IsBackground = true, Name = "heard speaker" }.Start();
    }

    /// <summary>False: it had no stream.</summary>
    public bool Close()
    {
        Socket? socket;
        lock (_gate) (socket, _socket) = (_socket, null);
        socket?.Dispose();
        return socket is not null;
    }

    private void Hear(Socket socket)
    {
        using var decoder = new SbcDecoder();
        var packet = new byte[2048];
        var pcm = new short[4096];
        socket.ReceiveTimeout = 0;
        try
        {
            while (socket.Receive(packet) is > 0 and var length)
            {
                if (IsAudible(decoder, packet.AsSpan(0, length), pcm)) Note();
                while (_takesNothing) Thread.Sleep(5);
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // closed, from whichever side
        }
    }

    private void Note()
    {
        var now = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            if (_heard != 0 && Stopwatch.GetElapsedTime(_heard, now) is var silence && silence > _longest) _longest = silence;
            _heard = now;
        }
    }

    private static bool IsAudible(SbcDecoder decoder, ReadOnlySpan<byte> packet, short[] pcm)
    {
        if (!RtpHeader.TryRead(packet, out _, out _, out var at)) return false;
        var isAudible = false;
        while (at < packet.Length && decoder.Decode(packet[at..], pcm, out var samples) is > 0 and var consumed)
        {
            at += consumed;
            isAudible |= pcm.AsSpan(0, samples).IndexOfAnyExceptInRange((short)-Audible, Audible) >= 0;
        }

        return isAudible;
    }
}

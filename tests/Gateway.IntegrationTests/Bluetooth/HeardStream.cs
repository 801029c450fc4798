using System.Net.Sockets;
using Gateway.Bluetooth.A2dp;
using Gateway.Native.Sbc;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>A speaker at the other end of a stream: takes every packet as it comes and tells how loud the last second was.</summary>
internal sealed class HeardStream
{
    private const int Second = 48_000;
    private readonly float[] _last = new float[Second];
    private readonly float[] _first = new float[10 * Second];
    private readonly Lock _gate = new();
    private long _frames;
    private long _packets;

    public HeardStream(Socket socket) => new Thread(() => Run(socket)) { IsBackground = true, Name = "heard" }.Start();

    public long Packets => Volatile.Read(ref _packets);

    /// <summary>The stream was closed from the gateway's side.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Of full scale; NaN: not a whole second was heard yet.</summary>
    public float Loudest
    {
        get
        {
            lock (_gate) return _frames < Second ? float.NaN : _last.Max(Math.Abs);
        }
    }

    /// <summary>What was heard first, up to ten seconds of it.</summary>
    public float[] Beginning
    {
        get
        {
            lock (_gate) return _first[..(int)Math.Min(_frames, _first.Length)];
        }
    }

    private void Run(Socket socket)
    {
        using var decoder = new SbcDecoder();
        var packet = new byte[2048];
        var pcm = new short[4096];
        try
        {
            while (socket.Receive(packet) is > 0 and var length) Take(decoder, packet.AsSpan(0, length), pcm);
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // Nothing for 5 s, or the daemon gave the stream back from its own side between two packets.
        }

        IsOver = true;
    }

    private void Take(SbcDecoder decoder, ReadOnlySpan<byte> packet, short[] pcm)
    {
        if (!RtpHeader.TryRead(packet, out _, out _, out var at)) return;
        Interlocked.Increment(ref _packets);
        while (at < packet.Length && decoder.Decode(packet[at..], pcm, out var samples) is > 0 and var consumed)
        {
            at += consumed;
            lock (_gate)
            {
                for (var i = 0; i < samples; i += decoder.Channels)
                {
                    var sample = pcm[i] / 32768f;
                    if (_frames < _first.Length) _first[_frames] = sample;
                    _last[_frames++ % Second] = sample;
                }
            }
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Gateway.Bluetooth.A2dp;
using Gateway.Native.Sbc;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>
/// Echos, phones and speakers that behave: whoever is connected gets the role that was asked of it, whoever lets go is gone, and every stream has another end.
/// An Echo (as an Echo does) offers both roles, tells its services only after it has paired, pairs and calls by itself, and may call again after it was let go.
/// </summary>
internal sealed class FakeAir
{
    private readonly FakeBlueZ _bluez;
    private readonly ConcurrentDictionary<string, EchoOnAir> _echoes = new();
    private readonly ConcurrentDictionary<string, Socket> _taken = new();

    public FakeAir(FakeBlueZ bluez)
    {
        _bluez = bluez;
        bluez.On("ConnectProfile", context =>
        {
            var (path, uuid) = (context.Request.PathAsString!, context.Request.GetBodyReader().ReadString());
            Profiles.Enqueue((path, uuid));
            if (_echoes.TryGetValue(path, out var echo)) _ = echo.LinkAsync(isSource: uuid == EchoOnAir.SourceService);
            else _ = bluez.ConfigureAsync(BlueZHarness.Source1, BlueZHarness.Configuration, device: path);
        });
        bluez.On("Disconnect", context => LetGo(context.Request.PathAsString!));
        bluez.On("DisconnectProfile", context => LetGo(context.Request.PathAsString!));
        bluez.On("Acquire", Acquire);
        bluez.On("TryAcquire", Acquire);
        bluez.On("Release", context => Release(context.Request.PathAsString!));
    }

    /// <summary>Every profile that the gateway connected, by device path.</summary>
    public ConcurrentQueue<(string Path, string Uuid)> Profiles { get; } = new();

    /// <summary>What arrives at a device that is played to, by device path.</summary>
    public ConcurrentDictionary<string, HeardStream> Heard { get; } = new();

    public EchoOnAir Echo(string address, string name, uint deviceClass = EchoOnAir.Loudspeaker, string modalias = EchoOnAir.Amazon) =>
        _echoes[EchoOnAir.PathOf(address)] = new EchoOnAir(_bluez, address, name, deviceClass, modalias);

    private void Release(string transport)
    {
        if (!_taken.TryRemove(transport, out var socket)) return;
        socket.Dispose();
        _bluez.Change(transport, "org.bluez.MediaTransport1", "State", VariantValue.String("idle"));
    }

    private void LetGo(string device)
    {
        foreach (var transport in _taken.Keys.Where(t => t.StartsWith(device + "/", StringComparison.Ordinal))) Release(transport);
        if (_echoes.TryGetValue(device, out var echo)) echo.IsLetGo();
        else if (_bluez.Value(device + "/fd0", "org.bluez.MediaTransport1", "Device") is not null) _bluez.Remove(device + "/fd0", "org.bluez.MediaTransport1");
    }

    private void Acquire(MethodContext context)
    {
        var transport = context.Request.PathAsString!;
        var device = transport[..transport.LastIndexOf('/')];
        // As BlueZ does, whoever asks: a stream that was taken and not given back has its owner, although he closed his socket.
        if (_taken.ContainsKey(transport))
        {
            context.ReplyError("org.bluez.Error.NotAuthorized", "Operation Not Authorized");
            return;
        }

        var socket = FakeBlueZ.ReplyWithSocket(context);
        _taken[transport] = socket;
        _bluez.Change(transport, "org.bluez.MediaTransport1", "State", VariantValue.String("active"));
        if (_echoes.TryGetValue(device, out var echo) && echo.IsSource) EchoOnAir.Stream(socket);
        else Heard[device] = new HeardStream(socket);
    }
}

/// <summary>An Echo; with another class and modalias a phone that offers both roles.</summary>
internal sealed class EchoOnAir(FakeBlueZ bluez, string address, string name, uint deviceClass, string modalias)
{
    public const uint Loudspeaker = 0x240414;
    public const uint Phone = 0x5A020C;
    public const string Amazon = "bluetooth:v0171p0001d0100";
    public const string SourceService = "0000110a-0000-1000-8000-00805f9b34fb";

    private const string Device1 = "org.bluez.Device1";
    private volatile bool _plays;

    public string Path { get; } = PathOf(address);

    /// <summary>The role of its live link.</summary>
    public bool IsSource { get; private set; }

    /// <summary>Calls the gateway again whenever it was let go.</summary>
    public bool CallsAgain { get; set; }

    /// <summary>Roles that it opened and that the gateway turned away: it offers both on every link, the one that was asked for first.</summary>
    public int TurnedAway { get; private set; }

    public static string PathOf(string address) => $"{FakeBlueZ.AdapterPath}/dev_{address.Replace(':', '_')}";

    /// <summary>It was paired in an earlier life.</summary>
    public EchoOnAir IsPaired()
    {
        bluez.Put(Path, Device1, Values(paired: true));
        return this;
    }

    /// <summary>Somebody said "Alexa, pair": it shows up, pairs, and only then tells what it offers.</summary>
    public async Task PairAsync()
    {
        bluez.Add(Path, Device1, Values(paired: false));
        await Task.Delay(20);
        bluez.Bond(Path);
        await Task.Delay(20);
        bluez.Change(Path, Device1, "Modalias", VariantValue.String(modalias));
        bluez.Change(Path, Device1, "UUIDs", VariantValue.Array(new[] { SourceService, FakeBlueZ.Sink }));
        bluez.Change(Path, Device1, "ServicesResolved", VariantValue.Bool(true));
    }

    /// <summary>It calls the gateway by itself: as one who plays, or, as real ones do on the same link, as one who can be played to.</summary>
    public async Task LinkAsync(bool isSource)
    {
        IsSource = isSource;
        bluez.Change(Path, Device1, "Connected", VariantValue.Bool(true));
        if (await OpensAsync(isSource, "fd0")) await OpensAsync(!isSource, "fd1");
        else IsLetGo();
    }

    private async Task<bool> OpensAsync(bool isSource, string stream)
    {
        try
        {
            await bluez.ConfigureAsync(isSource ? BlueZHarness.Sink1 : BlueZHarness.Source1, BlueZHarness.Configuration, device: Path, state: isSource && _plays ? "pending" : "idle", stream: stream);
            return true;
        }
        catch (DBusErrorReplyException)
        {
            TurnedAway++;
            bluez.Remove($"{Path}/{stream}", "org.bluez.MediaTransport1");
            return false;
        }
    }

    /// <summary>Somebody said "Alexa, play music".</summary>
    public void Play()
    {
        _plays = true;
        if (bluez.Value(Path + "/fd0", "org.bluez.MediaTransport1", "State") is not null) bluez.Change(Path + "/fd0", "org.bluez.MediaTransport1", "State", VariantValue.String("pending"));
    }

    public void IsLetGo()
    {
        if (bluez.Value(Path + "/fd0", "org.bluez.MediaTransport1", "State") is null) return;
        bluez.Remove(Path + "/fd0", "org.bluez.MediaTransport1");
        bluez.Change(Path, Device1, "Connected", VariantValue.Bool(false));
        if (CallsAgain) _ = CallAgainAsync();
    }

    private async Task CallAgainAsync()
    {
        await Task.Delay(300);
        await LinkAsync(isSource: true);
    }

    /// <summary>The other end of its stream: a half-scale sine of 1.5 kHz, at its own pace, until the gateway closes it.</summary>
    public static void Stream(Socket socket) => new Thread(() =>
    {
        using var encoder = new SbcEncoder(BlueZHarness.Configuration);
        var pcm = new short[256];
        for (var i = 0; i < 128; i++) pcm[2 * i] = pcm[(2 * i) + 1] = (short)(16_384 * Math.Sin(2 * Math.PI * i / 32));
        var packet = new byte[600];
        var clock = Stopwatch.StartNew();
        try
        {
            for (var index = 0; ; index++)
            {
                Array.Clear(packet);
                RtpHeader.Prepare(packet, 2);
                RtpHeader.Stamp(packet, (ushort)index, (uint)(index * 256));
                var length = RtpHeader.SbcOffset;
                for (var frame = 0; frame < 2; frame++) length += encoder.Encode(pcm, packet.AsSpan(length));
                socket.Send(packet.AsSpan(0, length));
                var due = TimeSpan.FromSeconds((index + 1) * 256 / 48_000.0) - clock.Elapsed;
                if (due > TimeSpan.Zero) Thread.Sleep(due);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // Closed from the gateway's side, or suspended: it does not start again by itself.
        }
    }) { IsBackground = true, Name = "echo" }.Start();

    private Dictionary<string, VariantValue> Values(bool paired) => new()
    {
        ["Address"] = VariantValue.String(address), ["Adapter"] = VariantValue.ObjectPath(FakeBlueZ.AdapterPath), ["Alias"] = VariantValue.String(name), ["Name"] = VariantValue.String(name),
        ["Class"] = VariantValue.UInt32(deviceClass), ["Paired"] = VariantValue.Bool(paired), ["Bonded"] = VariantValue.Bool(paired), ["Trusted"] = VariantValue.Bool(paired),
        ["Connected"] = VariantValue.Bool(!paired), ["ServicesResolved"] = VariantValue.Bool(paired),
        ["UUIDs"] = paired ? VariantValue.Array(new[] { SourceService, FakeBlueZ.Sink }) : VariantValue.Array(Array.Empty<string>()),
        ["Modalias"] = VariantValue.String(paired ? modalias : ""),
    };
}

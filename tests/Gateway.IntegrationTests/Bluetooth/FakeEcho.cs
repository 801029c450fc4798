using System.Collections.Concurrent;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>
/// An Echo on <see cref="FakeBlueZ"/>, and bluetoothd's part in what it does: it offers both A2DP roles on every link, in either order, calls by itself, and opens
/// the other role again when it likes. By version, what bluetoothd does with such a device: 5.66 leaves the order to the Echo; 5.72 loses the first race, and then is
/// busy with the wrong role for the life of that link (bluez/bluez#2494, #2381); 5.86 begins with the device's source, whatever it was asked for (bluez/bluez#1922).
/// </summary>
internal sealed class FakeEcho
{
    public static BluetoothAddress Address { get; } = BluetoothAddress.Parse("00:AA:01:0E:00:01");
    public const string Path = FakeBlueZ.AdapterPath + "/dev_00_AA_01_0E_00_01";
    private const string Device1 = "org.bluez.Device1";
    private const string Transport1 = "org.bluez.MediaTransport1";

    private readonly FakeBlueZ _bluez;
    private readonly string _version;
    private readonly RadioRole _first;
    private readonly bool _soundServer;
    private readonly ConcurrentDictionary<RadioRole, bool> _streams = new();
    private int _acts;
    private bool _raced;
    private bool _stale;

    /// <param name="first">The role that it opens first.</param>
    /// <param name="soundServer">The endpoints are a sound server's, which takes whatever comes.</param>
    public FakeEcho(FakeBlueZ bluez, string version = "5.66", RadioRole first = RadioRole.Source, bool soundServer = false)
    {
        (_bluez, _version, _first, _soundServer) = (bluez, version, first, soundServer);
        bluez.On("ConnectProfile", context => Later(context, ConnectAsync));
        bluez.On("DisconnectProfile", context => Later(context, DisconnectProfileAsync));
        bluez.On("Disconnect", context => Later(context, _ => DisconnectAsync()));
    }

    /// <summary>What was asked of bluetoothd, in order: <c>ConnectProfile 110b</c>, <c>Disconnect</c>.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>The roles in which it has a stream now.</summary>
    public IReadOnlyList<RadioRole> Standing => [.. _streams.Keys.Order()];

    /// <summary>As BlueZ shows it when it is paired.</summary>
    public static Dictionary<string, VariantValue> Shown(string name = "Echo Dot-2U7", uint deviceClass = 0x2C0414, string modalias = "bluetooth:v0171p0412d1000", bool paired = true) =>
        new(FakeBlueZ.Speaker(paired, address: Address, alias: name))
        {
            ["Name"] = VariantValue.String(name), ["Class"] = VariantValue.UInt32(deviceClass), ["Modalias"] = VariantValue.String(modalias),
            ["UUIDs"] = VariantValue.Array(new[] { FakeBlueZ.Source, FakeBlueZ.Sink, "0000110c-0000-1000-8000-00805f9b34fb", "0000110e-0000-1000-8000-00805f9b34fb" }),
        };

    /// <summary>Until bluetoothd has ended what it was asked for: the gateway is content as soon as its stream is there.</summary>
    public Task IdleAsync() => Eventually.TrueAsync("bluetoothd to end what it was asked for", () => Volatile.Read(ref _acts) == 0);

    /// <summary>It calls by itself, and opens what it offers.</summary>
    public async Task CallsAsync()
    {
        Link(true);
        await OpensAsync(_first);
        await OpensAsync(Other(_first));
    }

    /// <summary>It opens one of its roles. False: it was turned away.</summary>
    public async Task<bool> OpensAsync(RadioRole role)
    {
        if (_streams.ContainsKey(role)) return true;
        try
        {
            if (_soundServer) _bluez.Add(StreamPath(role), Transport1, Values(role));
            else await _bluez.ConfigureAsync(Endpoint(role), BlueZHarness.Configuration, device: Path, stream: Stream(role));
        }
        catch (DBusErrorReplyException)
        {
            return false;
        }

        _streams[role] = true;
        return true;
    }

    private async Task ConnectAsync(MethodContext context)
    {
        var uuid = context.Request.GetBodyReader().ReadString();
        Asked.Enqueue($"ConnectProfile {uuid[4..8]}");
        var asked = uuid == FakeBlueZ.Sink ? RadioRole.Sink : RadioRole.Source;
        if (_streams.ContainsKey(asked))
        {
            context.ReplyError("org.bluez.Error.AlreadyConnected", "");
            return;
        }

        Link(true);
        foreach (var role in Order(asked))
        {
            // One AVDTP session: who comes second finds it busy, where the first was let in.
            if (role == asked && (_stale || (!_soundServer && !_streams.IsEmpty))) continue;
            await OpensAsync(role);
        }

        if (_streams.ContainsKey(asked)) Reply(context);
        else context.ReplyError("org.bluez.Error.Failed", "br-connection-busy");
    }

    // The roles that are opened during a connect from our side, in their order.
    private RadioRole[] Order(RadioRole asked)
    {
        if (_version == "5.86") return [RadioRole.Source, RadioRole.Sink];
        if (_version == "5.72" && !_raced)
        {
            (_raced, _stale) = (true, true);
            return [Other(asked), asked];
        }

        return _version == "5.66" && _first != asked ? [Other(asked), asked] : [asked, Other(asked)];
    }

    private async Task DisconnectProfileAsync(MethodContext context)
    {
        var uuid = context.Request.GetBodyReader().ReadString();
        Asked.Enqueue($"DisconnectProfile {uuid[4..8]}");
        await CloseAsync(uuid == FakeBlueZ.Sink ? RadioRole.Sink : RadioRole.Source);
        Reply(context);
    }

    private async Task DisconnectAsync()
    {
        Asked.Enqueue("Disconnect");
        foreach (var role in Standing) await CloseAsync(role);
        _stale = false;
        Link(false);
    }

    private async Task CloseAsync(RadioRole role)
    {
        if (!_streams.TryRemove(role, out _)) return;
        if (!_soundServer) await _bluez.ClearAsync(Endpoint(role), StreamPath(role));
        _bluez.Remove(StreamPath(role), Transport1);
    }

    private void Link(bool on) => _bluez.Change(Path, Device1, "Connected", VariantValue.Bool(on));

    private static RadioRole Other(RadioRole role) => role == RadioRole.Sink ? RadioRole.Source : RadioRole.Sink;

    private static string Endpoint(RadioRole role) => role == RadioRole.Source ? BlueZHarness.Sink1 : BlueZHarness.Source1;

    private static string Stream(RadioRole role) => role == RadioRole.Source ? "fd1" : "fd0";

    private static string StreamPath(RadioRole role) => $"{Path}/{Stream(role)}";

    // The UUID is that of our end.
    private static Dictionary<string, VariantValue> Values(RadioRole role) => new()
    {
        ["Device"] = VariantValue.ObjectPath(Path), ["UUID"] = VariantValue.String(role == RadioRole.Source ? FakeBlueZ.Sink : FakeBlueZ.Source),
        ["Codec"] = VariantValue.Byte(0), ["State"] = VariantValue.String("idle"),
    };

    // Answers when what it leads to has happened, as bluetoothd does. A test's own device beside it is answered at once.
    private void Later(MethodContext context, Func<MethodContext, Task> act)
    {
        if (context.Request.PathAsString != Path) return;
        context.DisposesAsynchronously = true;
        Interlocked.Increment(ref _acts);
        _ = ActAsync();

        async Task ActAsync()
        {
            using (context)
            {
                await act(context);
                if (!context.ReplySent) Reply(context);
            }

            Interlocked.Decrement(ref _acts);
        }
    }

    private static void Reply(MethodContext context)
    {
        using var writer = context.CreateReplyWriter(null!);
        context.Reply(writer.CreateMessage());
    }
}

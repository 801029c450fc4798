using System.Diagnostics;
using System.Globalization;
using Gateway.IntegrationTests.Bluetooth;
using Tmds.DBus.Protocol;

namespace Gateway.Benchmarks.FaultCampaign;

/// <summary>
/// A second gateway, over BlueZ-shaped objects on a bus of its own: two groups of three speakers that play all the while. Its faults are bluetoothd's, and
/// every other fault of the campaign must not be heard here.
/// </summary>
internal sealed class RadioHouse : IDisposable
{
    public const string Base = "radio";

    private const string Device1 = "org.bluez.Device1";
    private const string Transport1 = "org.bluez.MediaTransport1";
    private const string Endpoint = "/org/tutti/hci0/source1";
    private const int Count = 3;
    private const int Objects = 4000;
    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(15);

    /// <summary>48 kHz joint stereo, 16 blocks, 8 subbands, loudness, bitpool 2-51.</summary>
    private static readonly byte[] s_stream = [0x11, 0x15, 2, 51];

    private readonly Random _random;
    private readonly PrivateBus _bus = new();
    private readonly string _configuration;
    private readonly string _data;
    private FakeBlueZ _bluez;
    private ChildProcess _gateway;

    public RadioHouse(int brokerPort, string folder, int seed)
    {
        _random = new Random(seed);
        _data = Path.Combine(folder, "radio");
        _configuration = Path.Combine(folder, "radio.yaml");
        Speakers = [.. Enumerable.Range(1, Count).Select(i => new HeardSpeaker($"{FakeBlueZ.AdapterPath}/dev_{Address(i).Replace(':', '_')}"))];
        File.WriteAllText(_configuration, $$"""
            gateway: { id: radio, name: Radio }
            mqtt: { url: "mqtt://127.0.0.1:{{brokerPort.ToString(CultureInfo.InvariantCulture)}}", base_topic: {{Base}} }
            home_assistant: { discovery_prefix: radio_discovery }
            bluetooth: { audio: own, adapters: [{ address: "{{FakeBlueZ.Adapter}}", max_streams: {{Count + 1}} }] }
            speakers: [{{string.Join(", ", Enumerable.Range(1, Count).Select(i => $$"""{ id: s{{i}}, name: Speaker {{i}}, address: "{{Address(i)}}" }"""))}}]
            groups:
              - { id: two, name: Two, members: [s1, s2], source: "pipe:test-signal" }
              - { id: one, name: One, members: [s3], source: "pipe:test-signal" }
            """);
        _bluez = StartBlueZ();
        _gateway = NewGateway();
    }

    public IReadOnlyList<HeardSpeaker> Speakers { get; }

    /// <summary>What is asked of it when it starts for the first time.</summary>
    public static IReadOnlyList<(string Target, string Value)> Wishes => [("group/two/active", "ON"), ("group/one/active", "ON")];

    /// <summary>Why nothing more can come; null: it may.</summary>
    public string? Ended => _gateway.HasExited ? _gateway.Said : null;

    public string Said => _gateway.Said;

    /// <summary>What is done to it, and which speakers may be heard to suffer from it.</summary>
    public (string Name, Func<IReadOnlyList<HeardSpeaker>> Do)[] Faults() =>
    [
        ("bluetoothd killed", KillBlueZ),
        ("bus killed", KillBus),
        ("bluetoothd mute", Mute),
        ("bluetoothd says wrong types", SayWrongTypes),
        ("bluetoothd adds objects without end", AddObjects),
        ("speaker's stream closed", CloseOne),
        ("speaker's stream slow", SlowOne),
        ("speaker leaves and calls again", LeaveAndCall),
        ("gateway of radios killed", KillGateway),
        ("gateway of radios suspended", SuspendGateway),
    ];

    public void StartGateway()
    {
        _gateway.Dispose();
        _gateway = NewGateway();
    }

    public void Dispose()
    {
        _gateway.End(s_goodbye);
        _gateway.Dispose();
        _bluez.DisposeAsync().AsTask().GetAwaiter().GetResult();
        foreach (var speaker in Speakers) speaker.Close();
        _bus.Dispose();
    }

    private static string Address(int number) => string.Create(CultureInfo.InvariantCulture, $"00:AA:01:01:00:{number:X2}");

    private ChildProcess NewGateway()
    {
        var dotnet = Path.GetFileName(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
        var start = new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, "tutti.dll"), "run", "--config", _configuration, "--data", _data]);
        start.Environment["DBUS_SYSTEM_BUS_ADDRESS"] = _bus.Address;
        return new ChildProcess(start);
    }

    private FakeBlueZ StartBlueZ()
    {
        var bluez = FakeBlueZ.StartAsync(_bus.Address, b =>
        {
            for (var i = 1; i <= Count; i++) b.Put(Speakers[i - 1].Path, Device1, FakeBlueZ.Speaker(address: Address(i), alias: $"Speaker {i}"));
        }).GetAwaiter().GetResult();
        bluez.On("ConnectProfile", call => _ = ConfigureAsync(bluez, call.Request.PathAsString!));
        bluez.On("Disconnect", call => LetGo(bluez, call.Request.PathAsString!));
        bluez.On("DisconnectProfile", call => LetGo(bluez, call.Request.PathAsString!));
        bluez.On("Acquire", call => Acquire(bluez, call));
        bluez.On("TryAcquire", call => Acquire(bluez, call));
        bluez.On("Release", call => Release(bluez, call.Request.PathAsString!));
        return bluez;
    }

    private static async Task ConfigureAsync(FakeBlueZ bluez, string device)
    {
        try
        {
            bluez.Change(device, Device1, "Connected", VariantValue.Bool(true));
            await bluez.ConfigureAsync(Endpoint, s_stream, device: device);
        }
        catch (Exception gone) when (gone is DBusExceptionBase or ObjectDisposedException)
        {
            // the gateway, or this bluetoothd, has just ended
        }
    }

    private void Acquire(FakeBlueZ bluez, MethodContext call)
    {
        var transport = call.Request.PathAsString!;
        if (Speakers.FirstOrDefault(s => transport.StartsWith(s.Path, StringComparison.Ordinal)) is not { } speaker) return;
        speaker.Take(FakeBlueZ.ReplyWithSocket(call));
        bluez.Change(transport, Transport1, "State", VariantValue.String("active"));
    }

    private void Release(FakeBlueZ bluez, string transport)
    {
        if (Speakers.FirstOrDefault(s => transport.StartsWith(s.Path, StringComparison.Ordinal))?.Close() == true) bluez.Change(transport, Transport1, "State", VariantValue.String("idle"));
    }

    private void LetGo(FakeBlueZ bluez, string device)
    {
        Speakers.FirstOrDefault(s => s.Path == device)?.Close();
        bluez.Remove(device + "/fd0", Transport1);
        bluez.Change(device, Device1, "Connected", VariantValue.Bool(false));
    }

    private IReadOnlyList<HeardSpeaker> KillBlueZ()
    {
        _bluez.DisposeAsync().AsTask().GetAwaiter().GetResult();
        foreach (var speaker in Speakers) speaker.Close();
        Wait(0, 3);
        _bluez = StartBlueZ();
        return Speakers;
    }

    private IReadOnlyList<HeardSpeaker> KillBus()
    {
        _bus.Kill();
        foreach (var speaker in Speakers) speaker.Close();
        Wait(0, 2);
        _bus.Restart();
        _bluez.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _bluez = StartBlueZ();
        return Speakers;
    }

    private IReadOnlyList<HeardSpeaker> Mute()
    {
        _bluez.IsMute = true;
        Wait(1, 8);
        _bluez.IsMute = false;
        return [];
    }

    private IReadOnlyList<HeardSpeaker> SayWrongTypes()
    {
        var (bluez, speaker) = (_bluez, Speakers[_random.Next(Count)]);
        (string Path, string Interface, string Property)[] places =
        [
            (speaker.Path, Device1, "Connected"), (speaker.Path, Device1, "UUIDs"), (speaker.Path, Device1, "Address"), (speaker.Path, Device1, "Alias"), (speaker.Path, Device1, "RSSI"),
            (speaker.Path + "/fd0", Transport1, "State"), (speaker.Path + "/fd0", Transport1, "Volume"), (speaker.Path + "/fd0", Transport1, "Delay"), (FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Discovering"),
        ];
        for (var i = 0; i < 60; i++)
        {
            var (path, @interface, property) = places[_random.Next(places.Length)];
            var right = bluez.Value(path, @interface, property);
            bluez.Change(path, @interface, property, WrongValue());
            if (right is { } value) bluez.Change(path, @interface, property, value);
            bluez.Garbage(path, "org.freedesktop.DBus.Properties", "PropertiesChanged");
            bluez.Garbage("/", "org.freedesktop.DBus.ObjectManager", _random.Next(2) == 0 ? "InterfacesAdded" : "InterfacesRemoved");
        }

        return [speaker];
    }

    private VariantValue WrongValue() => _random.Next(5) switch
    {
        0 => VariantValue.UInt32(uint.MaxValue),
        1 => VariantValue.String("\u202E"),
        2 => VariantValue.Struct(VariantValue.String(""), VariantValue.Byte(255)),
        3 => VariantValue.Array(new[] { "x", "" }),
        _ => VariantValue.Double(double.NaN),
    };

    private IReadOnlyList<HeardSpeaker> AddObjects()
    {
        for (var i = 0; i < Objects; i++)
        {
            var address = string.Create(CultureInfo.InvariantCulture, $"0A:00:00:{i >> 16:X2}:{(i >> 8) & 255:X2}:{i & 255:X2}");
            _bluez.Add($"{FakeBlueZ.AdapterPath}/dev_{address.Replace(':', '_')}", Device1, FakeBlueZ.Speaker(paired: false, address: address, alias: $"Neighbour {i}"));
            if (i % 100 == 99) Thread.Sleep(20);
        }

        for (var i = 0; i < Objects; i++)
        {
            var address = string.Create(CultureInfo.InvariantCulture, $"0A_00_00_{i >> 16:X2}_{(i >> 8) & 255:X2}_{i & 255:X2}");
            _bluez.Remove($"{FakeBlueZ.AdapterPath}/dev_{address}", Device1);
            if (i % 100 == 99) Thread.Sleep(20);
        }

        return [];
    }

    /// <summary>The other end of a stream is gone, and its transport stays.</summary>
    private IReadOnlyList<HeardSpeaker> CloseOne()
    {
        var speaker = Speakers[_random.Next(Count)];
        Release(_bluez, speaker.Path + "/fd0");
        return [speaker];
    }

    /// <summary>A speaker ends its link, as one does that is switched off and on, and calls again. (Who does not is called after nine seconds.)</summary>
    private IReadOnlyList<HeardSpeaker> LeaveAndCall()
    {
        var speaker = Speakers[_random.Next(Count)];
        LetGo(_bluez, speaker.Path);
        Wait(0.5, 4);
        ConfigureAsync(_bluez, speaker.Path).GetAwaiter().GetResult();
        return [speaker];
    }

    private IReadOnlyList<HeardSpeaker> SlowOne()
    {
        var speaker = Speakers[_random.Next(Count)];
        speaker.TakesNothing = true;
        Wait(0.5, 4);
        speaker.TakesNothing = false;
        return [speaker];
    }

    private IReadOnlyList<HeardSpeaker> KillGateway()
    {
        _gateway.Kill();
        foreach (var speaker in Speakers) LetGo(_bluez, speaker.Path);
        StartGateway();
        return Speakers;
    }

    private IReadOnlyList<HeardSpeaker> SuspendGateway()
    {
        _gateway.Signal(ChildProcess.Stop);
        Wait(1, 5);
        _gateway.Signal(ChildProcess.Continue);
        return Speakers;
    }

    private void Wait(double least, double most) => Thread.Sleep(TimeSpan.FromSeconds(least + ((most - least) * _random.NextDouble())));
}

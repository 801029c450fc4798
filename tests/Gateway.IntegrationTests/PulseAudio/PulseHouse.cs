using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.PulseAudio;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.IntegrationTests.PulseAudio;

/// <summary>The sound server's outputs and sources on a real PulseAudio, beside a radio that leaves it Bluetooth's sound.</summary>
internal sealed class PulseHouse : IAsyncDisposable
{
    private int _changes;

    private PulseHouse(string address, bool? ownsAudio, params ReadOnlySpan<(string Speaker, string Sink)> sinks)
    {
        var options = new PulseOptions(address) { Sinks = sinks.ToArray().ToDictionary(s => s.Speaker, s => s.Sink) };
        Radio = new ShownRadio { Current = BluetoothSnapshot.Empty with { OwnsAudio = ownsAudio, AudioReason = "bluetooth.audio is pulse" } };
        Link = new PulseLink(Radio, options, TimeProvider.System, NullLogger<PulseLink>.Instance);
        Outputs = new PulseOutputs(Link, Radio, options, TimeProvider.System);
        Sources = new PulseSources(Link, Radio, TimeProvider.System);
        Outputs.Changed += () => Interlocked.Increment(ref _changes);
    }

    public ShownRadio Radio { get; }
    public PulseLink Link { get; }
    public PulseOutputs Outputs { get; }
    public PulseSources Sources { get; }
    public int Changes => Volatile.Read(ref _changes);

    public static Task<PulseHouse> StartAsync(string address, bool ownsAudio = false) => StartAsync(new PulseHouse(address, ownsAudio));

    /// <summary>With speakers that are sinks, on a machine without Bluetooth.</summary>
    public static Task<PulseHouse> StartAsync(string address, params (string Speaker, string Sink)[] sinks) => StartAsync(new PulseHouse(address, null, sinks));

    private static async Task<PulseHouse> StartAsync(PulseHouse house)
    {
        await house.Link.StartAsync(CancellationToken.None);
        return house;
    }

    /// <summary>A null sink as a Bluetooth speaker's.</summary>
    public static string[] Speaker(int number, string profile = "a2dp_sink") =>
    [
        "module-null-sink", $"sink_name={SinkOf(number)}", "rate=48000", "format=float32le",
        $"sink_properties=device.bus=bluetooth device.string={AddressOf(number)} bluetooth.codec=sbc bluetooth.protocol={profile}",
    ];

    /// <summary>A pipe source as that of a device that plays to us.</summary>
    public static string[] Player(string pipe, string address, string profile = "a2dp_source") =>
    [
        "module-pipe-source", $"source_name={SourceOf(address, profile)}", $"file={pipe}", "format=float32le", "rate=48000", "channels=2",
        $"source_properties=device.bus=bluetooth device.string={address} bluetooth.protocol={profile}",
    ];

    public static string Line(string[] module) => string.Join(' ', module.Select(Quoted));

    public static string[] ForControl(string[] module) => ["load-module", .. module.Select(Quoted)];

    private static string Quoted(string argument) => argument.Split('=', 2) is [var name, var properties] && name.EndsWith("_properties", StringComparison.Ordinal) ? $"{name}=\"{properties}\"" : argument;

    public static string SourceOf(string address, string profile = "a2dp_source") => $"bluez_source.{address.Replace(':', '_')}.{profile}";

    public static string SinkOf(int number) => $"bluez_sink.00_AA_77_00_00_0{number}.a2dp_sink";

    public static string AddressOf(int number) => $"00:AA:77:00:00:0{number}";

    public async Task<OutputRef> SinkAsync(int number)
    {
        OutputRef? found = null;
        await Eventually.TrueAsync(() => $"an output for {AddressOf(number)}; there are {string.Join(", ", Outputs.Current.ByDevice.Keys)}, {Outputs.Current.Refusal}", () => Outputs.Current.ByDevice.TryGetValue(AddressOf(number), out found));
        return found!;
    }

    public async Task<IAudioOutput> OpenAsync(int number) => Outputs.Open(await SinkAsync(number));

    public async ValueTask DisposeAsync()
    {
        await Link.StopAsync(CancellationToken.None);
        Link.Dispose();
    }
}

/// <summary>A radio that shows what it is told to.</summary>
internal sealed class ShownRadio : IBluetooth
{
    private BluetoothSnapshot _current = BluetoothSnapshot.Empty;

    public event Action<BluetoothSnapshot>? Changed;

    public BluetoothSnapshot Current
    {
        get => Volatile.Read(ref _current);
        set
        {
            Volatile.Write(ref _current, value);
            Changed?.Invoke(value);
        }
    }

    public Task ConnectAsync(BluetoothAddress adapter, BluetoothAddress device, RadioRole role, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void SetRoles(IReadOnlyDictionary<BluetoothAddress, RadioRole> byAddress)
    {
    }

    public Task DisconnectAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task PairAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ForgetAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetPoweredAsync(BluetoothAddress adapter, bool powered, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetDiscoveringAsync(BluetoothAddress adapter, bool discovering, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetPairingModeAsync(BluetoothAddress adapter, bool on, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetVolumeAsync(BluetoothAddress adapter, BluetoothAddress device, int percent, CancellationToken cancellationToken) => throw new NotSupportedException();
}

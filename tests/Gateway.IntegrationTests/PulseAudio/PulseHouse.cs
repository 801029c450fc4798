using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.PulseAudio;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.IntegrationTests.PulseAudio;

/// <summary>The sound server's outputs on a real PulseAudio, beside a radio that leaves it Bluetooth's sound.</summary>
internal sealed class PulseHouse : IAsyncDisposable
{
    private int _changes;

    private PulseHouse(string address, bool ownsAudio)
    {
        Radio = new ShownRadio { Current = BluetoothSnapshot.Empty with { OwnsAudio = ownsAudio, AudioReason = "bluetooth.audio is pulse" } };
        Outputs = new PulseOutputs(Radio, new PulseOptions(address), TimeProvider.System, NullLogger<PulseOutputs>.Instance);
        Outputs.Changed += () => Interlocked.Increment(ref _changes);
    }

    public ShownRadio Radio { get; }
    public PulseOutputs Outputs { get; }
    public int Changes => Volatile.Read(ref _changes);

    public static async Task<PulseHouse> StartAsync(string address, bool ownsAudio = false)
    {
        var house = new PulseHouse(address, ownsAudio);
        await house.Outputs.StartAsync(CancellationToken.None);
        return house;
    }

    /// <summary>A null sink as a Bluetooth speaker's.</summary>
    public static string[] Speaker(int number, string profile = "a2dp_sink") =>
    [
        "module-null-sink", $"sink_name={SinkOf(number)}", "rate=48000", "format=float32le",
        $"sink_properties=device.bus=bluetooth device.string={AddressOf(number)} bluetooth.codec=sbc bluetooth.protocol={profile}",
    ];

    public static string Line(string[] module) => string.Join(' ', module.Select(m => m.StartsWith("sink_properties=", StringComparison.Ordinal) ? $"sink_properties=\"{m["sink_properties=".Length..]}\"" : m));

    public static string[] ForControl(string[] module) => ["load-module", .. module.Select(m => m.StartsWith("sink_properties=", StringComparison.Ordinal) ? $"sink_properties=\"{m["sink_properties=".Length..]}\"" : m)];

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
        await Outputs.StopAsync(CancellationToken.None);
        Outputs.Dispose();
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

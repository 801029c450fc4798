using Gateway.Bluetooth.Streams;
using Gateway.Bluetooth;
using Gateway.Bluetooth.BlueZ;
using Gateway.Configuration;
using Gateway.Engine.Ports;
using Gateway.IntegrationTests.Mqtt;
using Gateway.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>The Bluetooth side, running against BlueZ-shaped objects on a dbus-daemon of its own.</summary>
internal sealed class BlueZHarness : IAsyncDisposable
{
    public const string Source1 = "/org/tutti/hci0/source1";
    public const string Sink1 = "/org/tutti/hci0/sink1";

    /// <summary>48 kHz joint stereo, 16 blocks, 8 subbands, loudness, bitpool 2-51.</summary>
    public static readonly byte[] Configuration = [0x11, 0x15, 2, 51];

    private BlueZHarness(PrivateBus bus, FakeBlueZ bluez, BlueZService service) => (Bus, BlueZ, Service) = (bus, bluez, service);

    public PrivateBus Bus { get; }
    public FakeBlueZ BlueZ { get; set; }
    public BlueZService Service { get; }

    public RadioDevice Device => Service.Current.Devices.Single(d => d.Address == FakeBlueZ.Device);

    public static async Task<BlueZHarness> StartAsync(
        Func<BluetoothOptions, BluetoothOptions>? change = null, TimeProvider? time = null, Action<FakeBlueZ>? prepare = null, Store? store = null, CapturedLog? log = null)
    {
        var bus = new PrivateBus();
        var options = new BluetoothOptions { BusAddress = bus.Address, Audio = BluetoothAudio.Own };
        var loggers = LoggerFactory.Create(l => l.AddProvider(log ?? new CapturedLog()));
        var service = new BlueZService(change?.Invoke(options) ?? options, time ?? TimeProvider.System, loggers.CreateLogger<BlueZService>(), store);
        var harness = new BlueZHarness(bus, await FakeBlueZ.StartAsync(bus.Address, prepare), service);
        await service.StartAsync(CancellationToken.None);
        await harness.UntilAsync("the speaker is seen", s => s.Devices.Any(d => d.Address == FakeBlueZ.Device));
        return harness;
    }

    public Task ConnectAsync(CancellationToken cancellationToken = default) => Service.ConnectAsync(FakeBlueZ.Adapter, FakeBlueZ.Device, RadioRole.Sink, cancellationToken);

    /// <summary>BlueZ connects a profile as it should: the stream is configured, then it says yes.</summary>
    public void ConnectsWell(ushort? volume = null) => BlueZ.On("ConnectProfile", call => _ = BlueZ.ConfigureAsync(Source1, Configuration, volume));

    public A2dpOutput OpenOutput() => (A2dpOutput)Port().OpenOutput(FakeBlueZ.Adapter, FakeBlueZ.Device);

    public BluetoothAudioPort Port() => new(Service, NullLogger<BluetoothAudioPort>.Instance);

    public async Task UntilAsync(string what, Func<BluetoothSnapshot, bool> reached, double seconds = 15)
    {
        var patience = new Patience(seconds);
        while (!reached(Service.Current))
        {
            Assert.False(patience.IsOver(), $"In vain, {seconds} s were expected: {what}. Now: {Service.Current.Problem} {string.Join("; ", Service.Current.Devices)}");
            await Task.Delay(5);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Service.StopAsync(CancellationToken.None);
        await BlueZ.DisposeAsync();
        Service.Dispose();
        Bus.Dispose();
    }
}

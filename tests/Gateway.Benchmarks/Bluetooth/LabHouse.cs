using Gateway.Bluetooth.Streams;
using System.Globalization;
using Gateway.Bluetooth;
using Gateway.Bluetooth.BlueZ;
using Gateway.Configuration;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Microsoft.Extensions.Logging;

namespace Gateway.Benchmarks.Bluetooth;

/// <summary>The product's Bluetooth side inside the lab, on hci0 only, and the lab's control pipe.</summary>
internal sealed class LabHouse : IAsyncDisposable
{
    private readonly ILoggerFactory _loggers;
    private readonly BlueZService _service;
    private readonly BluetoothAudioPort _port;

    public LabHouse(int maxStreams)
    {
        _loggers = new LineLoggers();
        var options = new BluetoothOptions { Adapters = [new ConfiguredAdapter { Name = "hci0", MaxStreams = maxStreams }], Audio = BluetoothAudio.Own };
        _service = new BlueZService(options, TimeProvider.System, _loggers.CreateLogger<BlueZService>());
        _port = new BluetoothAudioPort(_service, _loggers.CreateLogger<BluetoothAudioPort>());
    }

    public static string Out => Environment.GetEnvironmentVariable("BTLAB_OUT") ?? throw new InvalidOperationException("This runs inside the lab only (tests/btlab/run).");

    public IBluetooth Radio => _service;

    public IPairingQuestions Questions => _service;

    public BluetoothAddress Adapter => Radio.Current.Adapters[0].Address;

    public async Task StartAsync()
    {
        await _service.StartAsync(CancellationToken.None);
        await UntilAsync("hci0 is there and on", 40, () => Radio.Current.Adapters is [{ Powered: true }]);
    }

    public static BluetoothAddress Address(int speaker) => BluetoothAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"00:AA:01:{speaker:X2}:00:{speaker:X2}"));

    public RadioDevice? Device(int speaker) => Radio.Current.Devices.FirstOrDefault(d => d.Address == Address(speaker));

    public bool Connected(int speaker) => Device(speaker)?.Link == RadioLink.Connected;

    public async Task DiscoverAsync(int count)
    {
        await Radio.SetDiscoveringAsync(Adapter, true, CancellationToken.None);
        await UntilAsync($"{count} speakers are found", 40, () => Enumerable.Range(1, count).All(n => Device(n) is { IsSpeaker: true }));
        await Radio.SetDiscoveringAsync(Adapter, false, CancellationToken.None);
    }

    public async Task PairAndConnectAsync(int speaker)
    {
        await Radio.PairAsync(Adapter, Address(speaker), CancellationToken.None);
        await Radio.ConnectAsync(Adapter, Address(speaker), RadioRole.Sink, CancellationToken.None);
    }

    public A2dpOutput Open(int speaker) => (A2dpOutput)_port.OpenOutput(Adapter, Address(speaker));

    public A2dpInput OpenReceiver(BluetoothAddress device) => (A2dpInput)_port.OpenReceiver(Adapter, device);

    /// <summary>A line for the lab's speakers (see speakers.py).</summary>
    public static void Tell(string line) => File.AppendAllText(Path.Combine(Out, "control"), line + "\n");

    /// <summary>A line for the lab's Echo (see echo.py).</summary>
    public static void TellEcho(string line) => File.AppendAllText(Path.Combine(Out, "echo-control"), line + "\n");

    /// <param name="shown">What is shown instead, for the message.</param>
    public static async Task UntilAsync(string what, double seconds, Func<bool> reached, Func<string?>? shown = null)
    {
        // A hang is ended and nothing is judged: only time counts in which this program got on, and four times of what is expected.
        var (waited, last) = (0.0, System.Diagnostics.Stopwatch.GetTimestamp());
        while (!reached())
        {
            if (waited > 4 * seconds) throw new TimeoutException($"In vain, {seconds} s were expected: {what}. {shown?.Invoke()}");
            await Task.Delay(20); // there is one processor, and it is the speakers' and the product's
            var now = System.Diagnostics.Stopwatch.GetTimestamp();
            waited += Math.Min(0.04, System.Diagnostics.Stopwatch.GetElapsedTime(last, now).TotalSeconds);
            last = now;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _service.StopAsync(CancellationToken.None);
        _service.Dispose();
        _loggers.Dispose();
    }

    private sealed class LineLoggers : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) Console.Error.WriteLine($"{System.Diagnostics.Stopwatch.GetTimestamp() / 1e9:0.000} {logLevel}: {formatter(state, exception)} {exception}");
        }
    }
}

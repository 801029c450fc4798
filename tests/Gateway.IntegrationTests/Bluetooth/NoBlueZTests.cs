using System.Net.Sockets;
using Gateway.Bluetooth;
using Gateway.Bluetooth.BlueZ;
using Gateway.IntegrationTests.Mqtt;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>A machine whose Bluetooth is not set up yet: one line says what to do, however often it is looked for.</summary>
public sealed class NoBlueZTests
{
    [Fact]
    public async Task Without_a_bus_one_line_names_the_package_and_the_tries_say_nothing()
    {
        var time = new FakeTimeProvider();
        using var log = new CapturedLog();
        using var service = Service("unix:path=/nowhere/bus", time, log);
        await service.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync("the problem is said", () => service.Current.Problem is not null);

        // Ten tries, by the log's own count of them.
        for (var tries = 2; tries <= 10; tries++)
        {
            var count = tries;
            await Eventually.TrueAsync($"try {count}", () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return log.Lines.Count(l => l.Level == LogLevel.Debug && l.Text.StartsWith("No Bluetooth yet", StringComparison.Ordinal)) >= count;
            });
        }

        await service.StopAsync(CancellationToken.None);
        var warning = Assert.Single(log.Lines, l => l.Level >= LogLevel.Information);
        Assert.Contains("apt install bluez", warning.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "is not installed. Install it: apt install bluez.")]
    [InlineData("org.bluez", "is not running. Start it: systemctl start bluetooth")]
    public async Task A_bus_without_bluetoothd_tells_a_missing_package_from_a_service_that_rests(string? startable, string words)
    {
        using var bus = new PrivateBus(startable);
        using var log = new CapturedLog();
        using var service = Service(bus.Address, new FakeTimeProvider(), log);

        await service.StartAsync(CancellationToken.None);

        await Eventually.TrueAsync("it is in the log", () => log.Lines.Any(l => l.Level == LogLevel.Warning));
        Assert.Contains(words, service.Current.Problem, StringComparison.Ordinal);
        await service.StopAsync(CancellationToken.None);
        Assert.Contains(words, Assert.Single(log.Lines, l => l.Level >= LogLevel.Information).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bus_that_takes_the_connection_and_says_nothing_is_told_after_a_time_and_tried_again()
    {
        using var folder = new TemporaryFolder();
        using var silent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        silent.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.Path, "bus")));
        silent.Listen(8);
        var time = new FakeTimeProvider();
        using var log = new CapturedLog();
        using var service = Service($"unix:path={folder.Path}/bus", time, log);
        await service.StartAsync(CancellationToken.None);

        await Eventually.TrueAsync("two tries that nobody answers", () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return log.Lines.Count(l => l.Level == LogLevel.Debug && l.Text.StartsWith("No Bluetooth yet", StringComparison.Ordinal)) >= 2;
        });

        Assert.Contains("The system bus does not answer.", service.Current.Problem, StringComparison.Ordinal);
        await service.StopAsync(CancellationToken.None).WaitAsync(Patience.Hang);
    }

    private static BlueZService Service(string address, TimeProvider time, CapturedLog log)
    {
        var loggers = LoggerFactory.Create(l => l.SetMinimumLevel(LogLevel.Debug).AddProvider(log));
        return new BlueZService(new BluetoothOptions { BusAddress = address }, time, loggers.CreateLogger<BlueZService>());
    }
}

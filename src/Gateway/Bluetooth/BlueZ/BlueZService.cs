using Gateway.Engine.Ports;
using Gateway.Storage;
using Gateway.Timing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// The radio side on BlueZ. One loop: connect to the bus, wait for bluetoothd, follow it until it goes, start over; it alone publishes. Commands
/// (the other part of this class) run on their callers' threads and talk to bluetoothd directly.
/// </summary>
/// <param name="store">Null: what is learned of adapters is not kept.</param>
internal sealed partial class BlueZService(BluetoothOptions options, TimeProvider time, ILogger<BlueZService> logger, Store? store = null)
    : BackgroundService, IBluetooth, IPairingQuestions
{
    private readonly BlueZShared _shared = new(options, time, logger, store);
    private volatile BlueZSession? _session;

    // The loop's own: what was told last, so that each try that meets the same says nothing.
    private string? _told;
    private bool _met; // bluetoothd ran: it is installed

    public BluetoothSnapshot Current => _shared.View.Snapshot;

    public event Action<BluetoothSnapshot>? Changed;

    public event Action<PairingQuestion>? Asked
    {
        add => _shared.Agent.Asked += value;
        remove => _shared.Agent.Asked -= value;
    }

    public IReadOnlyList<PairingQuestion> Open => _shared.Agent.Open;

    public bool Answer(int id, bool accept) => _shared.Agent.Answer(id, accept);

    /// <summary>Also when only transports changed. On the loop; handlers only hand over.</summary>
    internal event Action<BlueZView>? ViewChanged;

    internal BlueZShared Shared => _shared;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var retry = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), time);
        while (!stoppingToken.IsCancellationRequested)
        {
            string problem;
            try
            {
                await FollowBusAsync(retry, stoppingToken);
                problem = "The system bus closed the connection.";
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception error)
            {
                problem = Explain(error);
                if (error is not (DBusExceptionBase or PortException)) BluetoothLog.LoopFailed(logger, error);
            }

            Publish(_shared.Nothing(problem));
            var delay = retry.Failed();
            Tell(problem);
            BluetoothLog.StillUnavailable(logger, problem, delay.TotalSeconds);
            await Task.Delay(delay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Asks the installed program, as main.conf may give the adapters another identity.</summary>
    private async Task AskVersionAsync(BlueZSession session)
    {
        if (_shared.Version is not null || await KnownFaults.InstalledVersionAsync(CancellationToken.None) is not { } version) return;
        _shared.Found(version);
        session.Post(FactsChanged.Instance);
    }

    private async Task FollowBusAsync(Backoff retry, CancellationToken cancellationToken)
    {
        using var connection = new DBusConnection(options.BusAddress ?? DBusAddress.System ?? throw new PortException(PortError.PartMissing, NoBus));
        await connection.ConnectAsync();
        using var watcher = await connection.WatchNameOwnerAsync(BlueZNames.Service);
        while (!cancellationToken.IsCancellationRequested)
        {
            if (watcher.GetCurrentOwner() is null)
            {
                var missing = _met || await IsInstalledAsync(connection) ? NotRunning : NotInstalled;
                Publish(_shared.Nothing(missing));
                Tell(missing);
            }

            var owner = await watcher.WaitForOwnerAsync(cancellationToken);
            using var life = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, watcher.GetOwnerChangedCancellationToken(owner));
            await FollowServiceAsync(new BlueZBus(connection, time), NameOwnerWatcher.GetOwnerBusName(owner), retry, life.Token);
            cancellationToken.ThrowIfCancellationRequested();
            // A peer's answer can bring bluetoothd down (bluez/bluez#166): then its name is the clue.
            var connecting = Current.Devices.Where(d => d.Link == RadioLink.Connecting).Select(d => d.Name).ToList();
            BluetoothLog.ServiceGone(logger, connecting.Count == 0 ? "nobody" : string.Join(", ", connecting));
        }
    }

    private async Task FollowServiceAsync(BlueZBus bus, string owner, Backoff retry, CancellationToken life)
    {
        using var session = new BlueZSession(bus, owner, options, _shared, logger);
        try
        {
            await session.RunAsync(
                view =>
                {
                    _session = session; // before anybody sees what can be commanded now
                    Publish(view);
                },
                () => Ready(session, retry), life);
        }
        catch (OperationCanceledException)
        {
            // It went, or we stop.
        }
        catch (PortException) when (life.IsCancellationRequested)
        {
            // It went in the middle of a call.
        }
        finally
        {
            _session = null;
            _shared.Streams.Clear();
            _shared.Facts.Clear(); // what they are about has ended too
        }
    }

    private void Tell(string problem)
    {
        if (_told == problem) return;
        _told = problem;
        BluetoothLog.Unavailable(logger, problem);
    }

    /// <summary>The package leaves a file by which the bus could start the service, whether or not systemd is there to do it.</summary>
    private static async Task<bool> IsInstalledAsync(DBusConnection connection) => (await connection.ListActivatableServicesAsync()).Contains(BlueZNames.Service);

    private void Ready(BlueZSession session, Backoff retry)
    {
        retry.Succeeded();
        (_told, _met) = (null, true);
        _ = AskVersionAsync(session);
        foreach (var advice in Current.Adapters.Select(a => a.Advice).OfType<string>()) BluetoothLog.AdapterAdvice(logger, advice);
        foreach (var adapter in Current.Adapters)
        {
            if (adapter is { LearnedStreams: { } streams, LearnedAt: { } at })
                BluetoothLog.KnownLimit(logger, adapter.Name, streams, LearnedLimits.Date(at), LearnedLimits.Date(at + LearnedLimits.Life));
        }

        BluetoothLog.Available(logger, Current.Adapters.Count, Current.Devices.Count, _shared.OwnsAudio ? "our own endpoints" : "the sound server");
    }

    private void Publish(BlueZView view)
    {
        var before = _shared.View;
        var same = view.SameAs(before);
        if (same && view.SameObjects(before)) return;
        _shared.View = view;
        ViewChanged?.Invoke(view);
        if (!same) Changed?.Invoke(view.Snapshot);
    }

    private const string NotRunning = "The Bluetooth service (bluetoothd) is not running. Start it: systemctl start bluetooth (without an adapter it does not start; plug one in).";
    private const string NotInstalled = "The Bluetooth service (bluetoothd) is not installed. Install it: apt install bluez.";

    /// <summary>Debian's bluez brings the bus along; a container has the machine's, or none.</summary>
    private static string NoBus { get; } = File.Exists("/.dockerenv") || File.Exists("/run/.containerenv")
        ? "This container has no system bus. Install BlueZ on the machine (apt install bluez) and mount /run/dbus into the container."
        : "This machine has no system bus. Install BlueZ, which brings it: apt install bluez, then systemctl start bluetooth.";

    private static string Explain(Exception error) => error switch
    {
        PortException port => port.Remedy is null ? port.Message : $"{port.Message} {port.Remedy}",
        DBusConnectFailedException => NoBus,
        DBusExceptionBase => "The connection to the system bus broke.",
        _ => "Bluetooth stopped on an internal fault (see the log).",
    };
}

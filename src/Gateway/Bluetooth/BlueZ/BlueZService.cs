using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Storage;
using Gateway.Timing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// The radio side on BlueZ. One loop: connect to the bus, wait for bluetoothd, follow it until it goes, start over; it alone publishes. The port's commands
/// have owners of their own, run on their callers' threads and talk to bluetoothd directly.
/// </summary>
internal sealed class BlueZService : BackgroundService, IBluetooth, IPairingQuestions
{
    private static readonly TimeSpan s_busLimit = TimeSpan.FromSeconds(10);

    private readonly BluetoothOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BlueZShared _shared;
    private readonly RadioTargets _targets;
    private readonly AdapterCommands _adapters;
    private readonly PairingCommands _pairing;
    private readonly LinkCommands _links;

    // The loop's own: what was told last, so that each try that meets the same says nothing.
    private string? _told;
    private bool _met; // bluetoothd ran: it is installed

    /// <param name="store">Null: what is learned of adapters is not kept.</param>
    public BlueZService(BluetoothOptions options, TimeProvider time, ILogger<BlueZService> logger, Store? store = null)
    {
        (_options, _time, _logger) = (options, time, logger);
        _shared = new BlueZShared(options, time, logger, store);
        _targets = new RadioTargets(_shared);
        _adapters = new AdapterCommands(_targets, _shared);
        _pairing = new PairingCommands(_targets, _shared, logger);
        _links = new LinkCommands(_targets, _shared, new LinkMaker(options, _shared, new AdapterRoom(options, _shared), logger));
        Streams = new StreamCalls(_targets, _shared, _links);
    }

    public BluetoothSnapshot Current => _shared.View.Snapshot;

    public event Action<BluetoothSnapshot>? Changed
    {
        add => _shared.Views.SnapshotChanged += value;
        remove => _shared.Views.SnapshotChanged -= value;
    }

    public event Action<PairingQuestion>? Asked
    {
        add => _shared.Agent.Asked += value;
        remove => _shared.Agent.Asked -= value;
    }

    public IReadOnlyList<PairingQuestion> Open => _shared.Agent.Open;

    public bool Answer(int id, bool accept) => _shared.Agent.Answer(id, accept);

    internal BlueZShared Shared => _shared;

    internal StreamCalls Streams { get; }

    public Task ConnectAsync(BluetoothAddress adapter, BluetoothAddress device, RadioRole role, CancellationToken cancellationToken) => _links.ConnectAsync(adapter, device, role, cancellationToken);

    public void SetRoles(IReadOnlyDictionary<BluetoothAddress, RadioRole> byAddress) => _shared.Roles = byAddress;

    public Task DisconnectAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken) => _links.DisconnectAsync(adapter, device, cancellationToken);

    public Task PairAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken) => _pairing.PairAsync(adapter, device, cancellationToken);

    public Task ForgetAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken) => _pairing.ForgetAsync(adapter, device, cancellationToken);

    public Task SetPoweredAsync(BluetoothAddress adapter, bool powered, CancellationToken cancellationToken) => _adapters.SetPoweredAsync(adapter, powered, cancellationToken);

    public Task SetDiscoveringAsync(BluetoothAddress adapter, bool discovering, CancellationToken cancellationToken) => _adapters.SetDiscoveringAsync(adapter, discovering, cancellationToken);

    public Task SetPairingModeAsync(BluetoothAddress adapter, bool on, CancellationToken cancellationToken) => _pairing.SetPairingModeAsync(adapter, on, cancellationToken);

    public Task SetVolumeAsync(BluetoothAddress adapter, BluetoothAddress device, int percent, CancellationToken cancellationToken) => _adapters.SetVolumeAsync(adapter, device, percent, cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var retry = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), _time);
        while (!stoppingToken.IsCancellationRequested)
        {
            // Whatever it ends with, it begins anew.
            var following = FollowBusAsync(retry, stoppingToken);
            await following.Ended();
            if (stoppingToken.IsCancellationRequested) return;
            var problem = Explain(following);
            if (following.Failure() is { } fault and not (DBusExceptionBase or PortException)) BluetoothLog.LoopFailed(_logger, fault);
            _shared.Views.Publish(_shared.Nothing(problem));
            var delay = retry.Failed();
            Tell(problem);
            BluetoothLog.StillUnavailable(_logger, problem, delay.TotalSeconds);
            await Task.Delay(delay, _time, stoppingToken).Ended();
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
        using var connection = new DBusConnection(_options.BusAddress ?? DBusAddress.System ?? throw new PortException(PortError.PartMissing, NoBus));
        NameOwnerWatcher? found = null;
        await WithinTimeAsync(async () =>
        {
            await connection.ConnectAsync();
            found = await connection.WatchNameOwnerAsync(BlueZNames.Service);
        }, cancellationToken);
        using var watcher = found!;
        while (!cancellationToken.IsCancellationRequested)
        {
            if (watcher.GetCurrentOwner() is null)
            {
                var missing = _met || await IsInstalledAsync(connection) ? NotRunning : NotInstalled;
                _shared.Views.Publish(_shared.Nothing(missing));
                Tell(missing);
            }

            var owner = await watcher.WaitForOwnerAsync(cancellationToken);
            using var life = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, watcher.GetOwnerChangedCancellationToken(owner));
            await FollowServiceAsync(new BlueZBus(connection, _time), NameOwnerWatcher.GetOwnerBusName(owner), retry, life.Token);
            cancellationToken.ThrowIfCancellationRequested();
            // A peer's answer can bring bluetoothd down (bluez/bluez#166): then its name is the clue.
            var connecting = Current.Devices.Where(d => d.Link == RadioLink.Connecting).Select(d => d.Name).ToList();
            BluetoothLog.ServiceGone(_logger, connecting.Count == 0 ? "nobody" : string.Join(", ", connecting));
        }
    }

    /// <summary>A bus that lets us in and says nothing is not waited for without end.</summary>
    private Task WithinTimeAsync(Func<Task> ask, CancellationToken cancellationToken) => TimeLimit.RunAsync(
        s_busLimit, _time, cancel => ask().WaitAsync(cancel), static () => new PortException(PortError.TimedOut, "The system bus does not answer.", "Restart this machine, or look at its log (journalctl -u dbus)."), cancellationToken);

    private async Task FollowServiceAsync(BlueZBus bus, string owner, Backoff retry, CancellationToken life)
    {
        using var session = new BlueZSession(bus, owner, _options, _shared, _logger);
        var running = session.RunAsync(
            view =>
            {
                _targets.Session = session; // before anybody sees what can be commanded now
                _shared.Views.Publish(view);
            },
            () => Ready(session, retry), life);
        await running.Ended();
        _targets.Session = null;
        _shared.Streams.Clear();
        _shared.Facts.Clear(); // what they are about has ended too
        // It went, or we stop: perhaps in the middle of a call.
        if (running.IsCanceled || (life.IsCancellationRequested && running.Failure() is PortException)) return;
        await running;
    }

    private void Tell(string problem)
    {
        if (_told == problem) return;
        _told = problem;
        BluetoothLog.Unavailable(_logger, problem);
    }

    /// <summary>The package leaves a file by which the bus could start the service, whether or not systemd is there to do it.</summary>
    private static async Task<bool> IsInstalledAsync(DBusConnection connection) => (await connection.ListActivatableServicesAsync()).Contains(BlueZNames.Service);

    private void Ready(BlueZSession session, Backoff retry)
    {
        retry.Succeeded();
        (_told, _met) = (null, true);
        _ = AskVersionAsync(session);
        foreach (var advice in Current.Adapters.Select(a => a.Advice).OfType<string>()) BluetoothLog.AdapterAdvice(_logger, advice);
        foreach (var adapter in Current.Adapters)
        {
            if (adapter is { LearnedStreams: { } streams, LearnedAt: { } at })
                BluetoothLog.KnownLimit(_logger, adapter.Name, streams, LearnedLimits.Date(at), LearnedLimits.Date(at + LearnedLimits.Life));
        }

        BluetoothLog.Available(_logger, Current.Adapters.Count, Current.Devices.Count, _shared.OwnsAudio ? "our own endpoints" : "the sound server");
    }

    private const string NotRunning = "The Bluetooth service (bluetoothd) is not running. Start it: systemctl start bluetooth (without an adapter it does not start; plug one in).";
    private const string NotInstalled = "The Bluetooth service (bluetoothd) is not installed. Install it: apt install bluez.";

    /// <summary>Debian's bluez brings the bus along; a container has the machine's, or none.</summary>
    private static string NoBus { get; } = File.Exists("/.dockerenv") || File.Exists("/run/.containerenv")
        ? "This container has no system bus. Install BlueZ on the machine (apt install bluez) and mount /run/dbus into the container."
        : "This machine has no system bus. Install BlueZ, which brings it: apt install bluez, then systemctl start bluetooth.";

    private static string Explain(Task following) => following.Failure() switch
    {
        null when following.IsCompletedSuccessfully => "The system bus closed the connection.",
        PortException port => port.Remedy is null ? port.Message : $"{port.Message} {port.Remedy}",
        DBusConnectFailedException => NoBus,
        null or DBusExceptionBase => "The connection to the system bus broke.",
        _ => "Bluetooth stopped on an internal fault (see the log).",
    };
}

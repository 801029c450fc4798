using System.Threading.Channels;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Playback;
using Gateway.Storage;
using Gateway.Timing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Reconciler;

/// <summary>
/// Brings the house to what was asked of it: compares desired with observed, asks the planner, runs steps, publishes.
/// The only writer of the house's state: one loop owns every field below; the outside posts to its inbox, and
/// operations run beside it and post their ends. Any part may restart at any time: the loop converges again.
/// </summary>
internal sealed partial class Reconciler : BackgroundService
{
    /// <summary>Commands taken before the next publication: a flood must not keep answers back.</summary>
    private const int CommandsAtOnce = 32;

    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longestSourceRetry = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_firstExclusiveRetry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_longestExclusiveRetry = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_afterGoodbye = TimeSpan.FromSeconds(9);

    /// <summary>An update or a reboot is over by then.</summary>
    private static readonly TimeSpan s_announcedLife = TimeSpan.FromMinutes(10);

    // Written by anyone.
    private readonly Channel<Action> _inbox = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });

    // Read only.
    private readonly ReconcilerOptions _configuration;
    private readonly Catalogue _catalogue;
    private readonly GatewayIdentity _identity;
    private readonly HouseHub _hub;
    private readonly IBluetooth _bluetoothPort;
    private readonly IEchoControl _echoPort;
    private readonly PlaybackEngine _playbackEngine;
    private readonly IPairingQuestions? _pairingQuestions;
    private readonly StepRunner _steps;
    private readonly HashSet<string> _knownGoodTransmitters;
    private readonly TimeProvider _time;
    private readonly ILogger<Reconciler> _log;
    private readonly LogBrake _refusals;

    // Touched by the loop only.
    private readonly Store _store;
    private readonly DesiredState _desired;
    private readonly DeviceRegistry _registry;
    private readonly LinkHistory _history;
    private readonly Dictionary<string, GroupRun> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SpeakerRun> _speakers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EchoRun> _echoes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeviceOperation> _operations = new(StringComparer.Ordinal);
    private readonly List<Answer> _answers = [];
    private readonly List<HouseEvent> _events = [];
    private readonly List<Action> _starts = [];
    private BluetoothSnapshot _bluetooth = BluetoothSnapshot.Empty;
    private EchoSnapshot _echo = EchoSnapshot.Empty;
    private PlaybackSnapshot _playback = PlaybackSnapshot.Empty;
    private readonly Dictionary<string, (ConfiguredSpeaker Speaker, string? Modalias, SpeakerModel? Model)> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EchoModel?> _echoModels = new(StringComparer.OrdinalIgnoreCase);

    // Kept as long as the world looks the same: what a command changes is little beside it.
    private readonly Dictionary<string, EchoDocument> _echoDocuments = new(StringComparer.Ordinal);
    private ILookup<string, RadioDevice> _radios = NoRadios;
    private List<OptionDocument>? _echoSources;
    private IReadOnlyList<PlaybackMember> _keptAwake = [];
    private Engine.House? _house;
    private Task _message = Task.CompletedTask;
    private Task _command = Task.CompletedTask;
    private string? _lastProblem;
    private CancellationToken _stopping;

    public Reconciler(
        ReconcilerOptions configuration, Catalogue catalogue, GatewayIdentity identity, HouseHub hub, Store store, IBluetooth bluetooth, IEchoControl echo,
        PlaybackEngine playback, TimeProvider time, ILogger<Reconciler> log, IPairingQuestions? pairingQuestions = null)
    {
        _pairingQuestions = pairingQuestions;
        (_configuration, _catalogue, _identity, _hub, _bluetoothPort, _echoPort, _playbackEngine, _time, _log) =
            (configuration, catalogue, identity, hub, bluetooth, echo, playback, time, log);
        _refusals = new LogBrake(time, more => ReconcilerLog.MoreRefused(log, more));
        _steps = new StepRunner(bluetooth, echo, time);
        _store = store;
        _desired = new DesiredState(store);
        foreach (var refused in _desired.Refused) ReconcilerLog.Refused(log, refused);
        _registry = new DeviceRegistry(configuration.House, store);
        _history = new LinkHistory(store);
        _knownGoodTransmitters = [.. configuration.House.Transmitters.Where(t => CatalogueMatch.Transmitter(catalogue, t.Model, t.Name)?.KnownGood == true).Select(t => t.Id)];
        foreach (var group in configuration.House.Groups)
        {
            var run = _groups[group.Id] = new GroupRun(group, NewBackoff(s_firstRetry, s_longestRetry), NewBackoff(s_firstRetry, s_longestSourceRetry));
            RememberAnnounced(run);
        }
    }

    /// <summary>Speakers of which anything is kept in memory; for tests, while the loop rests.</summary>
    internal int SpeakersRemembered => Math.Max(_speakers.Count, _models.Count);

    private static ILookup<string, RadioDevice> NoRadios => Array.Empty<RadioDevice>().ToLookup(d => d.Address);

    /// <summary>By the monotonic clock: for whatever waits or expires.</summary>
    private TimeSpan Now => _time.Now();

    /// <summary>By the wall's clock: for what is shown and stored.</summary>
#pragma warning disable RS0030 // shown and stored
    private DateTimeOffset WallNow => _time.GetUtcNow();
#pragma warning restore RS0030

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _stopping = stoppingToken;
        // The latest is read when its turn comes: an operation's end reads it too, and an older one after that would be a loss that never was.
        _bluetoothPort.Changed += _ => Post(() => OnBluetooth(_bluetoothPort.Current));
        _echoPort.Changed += _ => Post(() => OnEcho(_echoPort.Current));
        _playbackEngine.Changed += _ => Post(() => _playback = _playbackEngine.Current);
        _playbackEngine.Happened += happened => Post(() => Happened(happened.Type, happened.Text, happened.Speaker, null, happened.Group));
        _playbackEngine.Measured += report => Post(() => _hub.Publish(report));
        foreach (var notice in _store.Notices) OnStoreTold(notice);
        _store.Told += notice => Post(() => OnStoreTold(notice));
        if (_pairingQuestions is not null) _pairingQuestions.Asked += question => Post(() => OnPairingQuestion(question));
        // What is missing at the first look is no event, for a daemon may still be answering; but a sound server's absence is never found hastily.
        _bluetooth = _bluetoothPort.Current with { AudioProblem = null };
        OnBluetooth(_bluetoothPort.Current);
        OnEcho(_echoPort.Current);
        await using var retry = _time.CreateTimer(_ => Post(static () => { }), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        while (!stoppingToken.IsCancellationRequested)
        {
            while (_inbox.Reader.TryRead(out var message)) Guard(message);
            for (var i = 0; i < CommandsAtOnce && _hub.Commands.TryRead(out var command); i++) Guard(() => Handle(command));
            var looked = Now;
            Converge();
            Guard(Publish);
            retry.Change(NextRetry(looked) is { } at ? Max(at - Now, TimeSpan.FromMilliseconds(1)) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            await WaitAsync(stoppingToken);
        }
    }

    /// <summary>Whoever opened the store logs it.</summary>
    private void OnStoreTold(string notice)
    {
        _events.Add(new HouseEvent("problem", WallNow, null, null, null, notice, []));
        _lastProblem = notice;
    }

    /// <summary>State first, then answers and events, then the operations: an <c>accepted</c> is out before its first link is cut.</summary>
    private void Publish()
    {
        _hub.Publish(BuildSnapshot());
        foreach (var happened in Take(_events)) _hub.Publish(happened);
        foreach (var answer in Take(_answers)) _hub.Publish(answer);
        foreach (var start in Take(_starts)) Guard(start);
    }

    /// <summary>Waits for a message or a command. The wait that did not end is the next one's: to take it back would cost each command a thread's turn.</summary>
    private Task WaitAsync(CancellationToken stoppingToken)
    {
        if (_message.IsCompleted) _message = _inbox.Reader.WaitToReadAsync(stoppingToken).AsTask();
        if (_command.IsCompleted) _command = _hub.Commands.WaitToReadAsync(stoppingToken).AsTask();
        return Task.WhenAny(_message, _command);
    }

    /// <summary>The first try that was not due yet when the loop looked; it may be by now.</summary>
    private TimeSpan? NextRetry(TimeSpan looked)
    {
        var due = _groups.Values.Where(g => g.Operation is null && _desired.Group(g.Group.Id).Active).SelectMany(g => new[] { g.RetryAt, g.SourceRetryAt, g.PrimingSince + s_longestPriming })
            .Concat(_operations.Values.Select(o => o.Awaited?.Until))
            .Concat(_speakers.Values.Select(s => s.RetryAt))
            .OfType<TimeSpan>().Where(t => t > looked).ToList();
        return due.Count == 0 ? null : due.Min();
    }

    /// <summary>One bad message must not end the loop that everything stands on.</summary>
    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (Exception fault)
        {
            ReconcilerLog.Fault(_log, fault);
            _lastProblem = "An internal fault was logged; the gateway goes on.";
        }
    }

    private void Post(Action message) => _inbox.Writer.TryWrite(message);

    private void Converge()
    {
        LookForEffects();
        foreach (var run in _groups.Values) Guard(() => ConvergeGroup(run));
        Guard(ConvergeSpeakers);
        Guard(TellRoles);
    }

    /// <summary>What the planner sees; made anew when a port has shown something new.</summary>
    private Engine.House House => _house ??= new Engine.House(_registry.Effective, Observer.Observe(_registry, _bluetooth, _echo), _catalogue);

    private SpeakerRun SpeakerRunOf(string id)
    {
        if (_speakers.TryGetValue(id, out var run)) return run;
        return _speakers[id] = new SpeakerRun(NewBackoff(s_firstRetry, s_longestRetry));
    }

    /// <summary>
    /// S3: an exclusive speaker that is refused locks its pairing down; it gets few tries, widely spaced. Chosen at use: name and modalias, which tell
    /// the model, may come long after the first sight.
    /// </summary>
    private Backoff BackoffOf(string speakerId)
    {
        var run = SpeakerRunOf(speakerId);
        var exclusive = CatalogueOf(speakerId)?.Exclusive == true;
        if (exclusive != run.IsExclusive)
        {
            run.IsExclusive = exclusive;
            run.Backoff = exclusive ? NewBackoff(s_firstExclusiveRetry, s_longestExclusiveRetry) : NewBackoff(s_firstRetry, s_longestRetry);
        }

        return run.Backoff;
    }

    /// <summary>A link that lasts less than 10 s counts as another failure: a speaker that flaps is not chased.</summary>
    private Backoff NewBackoff(TimeSpan first, TimeSpan longest) => new(first, longest, TimeSpan.FromSeconds(10), _time);

    private string NameOf(string id) =>
        _registry.Speaker(id)?.Name
        ?? _registry.Effective.Echoes.FirstOrDefault(e => e.Id == id)?.Name
        ?? _registry.Effective.Transmitters.FirstOrDefault(t => t.Id == id)?.Name
        ?? _groups.GetValueOrDefault(id)?.Group.Name
        ?? _registry.Adapters.Values.Where(a => Engine.Text.Ids.OfAddress(a.Address) == id).Select(a => $"the gateway ({a.Name})").FirstOrDefault()
        ?? id;

    private void Happened(string type, string text, string? device = null, string? peer = null, string? group = null, params string[] rules)
    {
        _events.Add(new HouseEvent(type, WallNow, device, peer, group, text, rules));
        ReconcilerLog.Happened(_log, type, text);
        if (type == "problem") _lastProblem = text;
    }

    private static List<T> Take<T>(List<T> list)
    {
        List<T> taken = [.. list];
        list.Clear();
        return taken;
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}

internal static partial class ReconcilerLog
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Error, Message = "Internal fault in the reconciler; it goes on. Please report this with the lines below.")]
    public static partial void Fault(ILogger log, Exception fault);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Information, Message = "{Type}: {Text}")]
    public static partial void Happened(ILogger log, string type, string text);

    [LoggerMessage(EventId = 2009, Level = LogLevel.Information, Message = "{Count} more commands were refused, like those above.")]
    public static partial void MoreRefused(ILogger log, int count);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Information, Message = "{Topic} {Result}: {Reason}")]
    public static partial void Answered(ILogger log, string topic, CommandResult result, string reason);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "{Refused} Set it again if you miss it.")]
    public static partial void Refused(ILogger log, string refused);
}

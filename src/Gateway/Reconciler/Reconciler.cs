using System.Threading.Channels;
using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Reconciler.Echoes;
using Gateway.Storage;
using Gateway.Timing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Reconciler;

/// <summary>
/// Brings the house to what was asked of it: compares desired with observed, asks the planner, runs steps, publishes. The only writer of the house's state:
/// one loop owns everything below (<see cref="HouseOwners"/> are its parts); the outside posts to its inbox, and operations run beside it and post their
/// ends. Any part may restart at any time: the loop converges again.
/// </summary>
internal sealed class Reconciler : BackgroundService
{
    /// <summary>Commands taken before the next publication: a flood must not keep answers back.</summary>
    private const int CommandsAtOnce = 32;

    // Written by anyone.
    private readonly Channel<Action> _inbox = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HouseHub _hub;
    private readonly Store _store;
    private readonly HousePorts _ports;
    private readonly TimeProvider _time;

    // Touched by the loop only.
    private readonly LoopContext _loop;
    private readonly HouseOwners _owners;
    private Task _message = Task.CompletedTask;
    private Task _command = Task.CompletedTask;

    public Reconciler(ReconcilerOptions options, HouseHub hub, Store store, HousePorts ports, TimeProvider time, ILogger<Reconciler> log)
    {
        (_hub, _store, _ports, _time) = (hub, store, ports, time);
        var journal = new Journal(time, log);
        var desired = new DesiredState(store);
        foreach (var refused in desired.Refused) ReconcilerLog.Refused(log, refused);
        _loop = new LoopContext(new HouseView(new Registry.DeviceRegistry(options.House, store), options.Catalogue), desired, journal, new Operations(journal, time, Post, LookAgain), ports, time);
        _owners = new HouseOwners(_loop, options, hub, store);
    }

    /// <summary>Speakers of which anything is kept in memory; for tests, while the loop rests.</summary>
    internal int SpeakersRemembered => Math.Max(_owners.Speakers.Count, _loop.View.ModelsRemembered);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _loop.Operations.Stopping = stoppingToken;
        // The latest is read when its turn comes: an operation's end reads it too, and an older one after that would be a loss that never was.
        _ports.Bluetooth.Changed += _ => Post(LookAtBluetooth);
        _ports.Echo.Changed += _ => Post(() => OnEcho(_ports.Echo.Current));
        _ports.Playback.OutputsChanged += () => Post(LookAtBluetooth);
        _ports.Playback.Changed += _ => Post(() => _loop.View.Show(_ports.Playback.Current));
        _ports.Playback.Happened += happened => Post(() => _loop.Journal.Happened(PlaybackDocuments.EventTypeOf(happened.Kind), happened.Text, happened.Speaker, null, happened.Group));
        _ports.Playback.Measured += report => Post(() => _hub.Publish(PlaybackDocuments.ReportOf(report)));
        foreach (var notice in _store.Notices) _loop.Journal.StoreTold(notice);
        _store.Told += notice => Post(() => _loop.Journal.StoreTold(notice));
        if (_ports.PairingQuestions is { } questions) questions.Asked += question => Post(() => OnPairingQuestion(question));
        // What is missing at the first look is no event, for a daemon may still be answering; but a sound server's absence is never found hastily.
        _loop.View.Show(_ports.Bluetooth.Current with { AudioProblem = null }, _ports.Playback.Outputs);
        LookAtBluetooth();
        OnEcho(_ports.Echo.Current);
        await using var retry = _time.CreateTimer(_ => Post(static () => { }), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        while (!stoppingToken.IsCancellationRequested)
        {
            while (_inbox.Reader.TryRead(out var message)) Guard(message);
            for (var i = 0; i < CommandsAtOnce && _hub.Commands.TryRead(out var command); i++) Guard(() => _owners.Commands.Handle(command));
            var looked = _loop.Now;
            _owners.Converge(Guard);
            Guard(Publish);
            retry.Change(NextRetry(looked) is { } at ? TimeSpan.FromTicks(Math.Max((at - _loop.Now).Ticks, TimeSpan.TicksPerMillisecond)) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            await WaitAsync(stoppingToken);
        }
    }

    private void LookAtBluetooth()
    {
        var outputs = _ports.Playback.Outputs;
        var now = _ports.Bluetooth.Current;
        var before = _loop.View.Bluetooth;
        TellProblems(before, now);
        _owners.Pairing.NoteNewcomers(before, now);
        _loop.View.Show(now, outputs);
        _owners.ForgetStrangers();
        _owners.WatchLinks();
        _owners.Pairing.NameNewcomers();
        if (now.AudioProblem is null && before.AudioProblem is not null) _owners.Speakers.GiveAnotherTryAfterMissingParts();
    }

    private void TellProblems(BluetoothSnapshot before, BluetoothSnapshot now)
    {
        if (now.Problem is { } problem && problem != before.Problem) _loop.Journal.Happened(HouseEventType.Problem, problem);
        if (now.AudioProblem is { } missing && missing != before.AudioProblem) _loop.Journal.Happened(HouseEventType.Problem, missing);
        foreach (var adapter in now.Adapters)
        {
            if (adapter.Advice is { } advice && before.Adapters.FirstOrDefault(a => a.Address == adapter.Address)?.Advice != advice) _loop.Journal.Happened(HouseEventType.Problem, $"{adapter.Name}: {advice}");
        }
    }

    private void OnEcho(EchoSnapshot now)
    {
        if (now.Problem is { } problem && problem != _loop.View.Echo.Problem) _loop.Journal.Happened(HouseEventType.Problem, problem);
        _loop.View.Show(now);
        _owners.WatchLinks();
    }

    private void OnPairingQuestion(PairingQuestion question) =>
        _loop.Journal.Asked(question.Id, (question.Device is { } device ? _loop.View.Registry.SpeakerAt(device) ?? device.Text : "a device"), $"{question.Text} {PairingTexts.HowToAnswer(question.Id)}");

    private void LookAgain()
    {
        LookAtBluetooth();
        OnEcho(_ports.Echo.Current);
    }

    /// <summary>State first, then answers and events, then the operations: an <c>accepted</c> is out before its first link is cut.</summary>
    private void Publish()
    {
        Guard(() => _hub.Publish(_owners.Snapshots.Build(_store.Problem))); // whoever waits for an answer gets it all the same
        foreach (var happened in _loop.Journal.TakeEvents()) _hub.Publish(happened);
        foreach (var answer in _loop.Journal.TakeAnswers()) _hub.Publish(answer);
        foreach (var start in _loop.Operations.TakeStarts()) Guard(start);
    }

    /// <summary>Waits for a message or a command. The wait that did not end is the next one's: to take it back would cost each command a thread's turn.</summary>
    private Task WaitAsync(CancellationToken stoppingToken)
    {
        if (_message.IsCompleted) _message = _inbox.Reader.WaitToReadAsync(stoppingToken).Awaited();
        if (_command.IsCompleted) _command = _hub.Commands.WaitToReadAsync(stoppingToken).Awaited();
        return Task.WhenAny(_message, _command);
    }

    /// <summary>The first try that was not due yet when the loop looked; it may be by now.</summary>
    private TimeSpan? NextRetry(TimeSpan looked)
    {
        var due = _owners.Due.Concat(_loop.Operations.Due).Where(t => t > looked).ToList();
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
            _loop.Journal.LogFault(fault);
            _loop.Journal.LastProblem = "An internal fault was logged; the gateway goes on.";
        }
    }

    private void Post(Action message) => _inbox.Writer.TryWrite(message);
}

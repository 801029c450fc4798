using Gateway.Alignment.Spread;
using Gateway.Engine.Ports;
using Gateway.Playback.Audio;
using Gateway.Playback.Calibration;
using Gateway.Playback.KeepAwake;
using Gateway.Playback.Telemetry;
using Gateway.Playback.Tracking;
using Gateway.Timing;
using Microsoft.Extensions.Logging;

namespace Gateway.Playback;

/// <summary>A group that plays: its audio thread, its outputs, its delays, how well it is in time. Touched by the engine's loop only.</summary>
internal sealed class GroupSession : IDisposable
{
    /// <summary>Recorders are not flooded: state's figures change at most so often.</summary>
    private static readonly TimeSpan s_held = TimeSpan.FromSeconds(10);

    /// <summary>What lies in the outputs when a delay changes is still heard with the old one.</summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_isStable = TimeSpan.FromSeconds(10);
    private const string PlayerProblem = "its audio thread ended by an internal fault; the log has it.";

    private readonly SpeakerOutputs _outputs;
    private readonly LatencyStore _learned;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Action<PlaybackEvent> _happened;
    private readonly GroupSource _source;
    private readonly OutputTroubles _troubles;
    private readonly ListeningAlong _listening;
    private readonly Dictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly Backoff _playerBackoff;
    private readonly CancellationTokenSource _ended = new();
    private TimeSpan? _playerRetryAt;
    private (SourceFlow, int) _heldFlow;
    private bool _heldIsOld;
    private SpreadClassifier? _classifier;
    private Member[] _judged = [];
    private SpreadReading? _reading;
    private TimeSpan _settledAt;
    private TimeSpan _heldAt;
    private TimeSpan _retryAt;
    private Dictionary<string, double>? _formerDelays;

    /// <param name="trackingMicrophone">What listens along while music plays; null: nobody consented to that.</param>
    /// <param name="happened">Told what happens.</param>
    /// <param name="post">Hands work to the engine's loop.</param>
    public GroupSession(PlaybackRequest request, PlaybackParts parts, string? trackingMicrophone, Action<PlaybackEvent> happened, Action<Action> post)
    {
        (Request, _outputs, _learned, _time, _log, _happened) = (request, parts.Outputs, parts.Learned, parts.Time, parts.Log, happened);
        _source = new GroupSource(parts.Sound, NewBackoff(), _time, happened, post, _log);
        _troubles = new OutputTroubles(NewBackoff, _time, happened, _log);
        _listening = new ListeningAlong(parts.Sound, trackingMicrophone, _time, happened, post, _log);
        _playerBackoff = NewBackoff();
        Ended = _ended.Token;
        Player = NewPlayer();
        Shown = Show();
    }

    public PlaybackRequest Request { get; private set; }
    public GroupPlayer Player { get; private set; }
    public IReadOnlyCollection<Member> Members => _members.Values;

    /// <summary>As the state shows it; replaced when it may change.</summary>
    public GroupPlayback Shown { get; private set; }

    /// <summary>The running calibration's phase; null: none.</summary>
    public string? Calibrating { get; private set; }

    /// <summary>Ends what belongs to this group; may be read when it has ended, too.</summary>
    public CancellationToken Ended { get; }

    private TimeSpan Now => _time.Now();
#pragma warning disable RS0030 // shown and stored
    private DateTimeOffset WallNow => _time.GetUtcNow();
#pragma warning restore RS0030

    /// <summary>Latency that the group line stands for: the slowest member's.</summary>
    private double LineMs => _members.Values.Select(m => m.Measured?.LatencyMs).Max() ?? 0;

    /// <summary>Brings about what is asked for.</summary>
    public void Apply(PlaybackRequest request)
    {
        var muteChanged = request.Muted != Request.Muted;
        Request = request;
        _troubles.Forget(request);
        foreach (var closed in _members.Values.Where(m => !m.Output.IsOpen).ToList()) Lose(closed);
        foreach (var gone in _members.Values.Where(m => !request.Members.Any(m.Settings.IsAt)).ToList()) Remove(gone);
        foreach (var member in request.Members)
        {
            if (!_members.TryGetValue(member.Speaker, out var open)) continue;
            open.Settings = member;
            open.Output.Follow(member);
        }

        _source.Open(request, Player);
        OpenMissing();
        SetDelays();
        if (muteChanged) ForEachLane(lane => lane.SetMuted(request.Muted));
        Hold();
    }

    /// <summary>Each 0.1 s. True: <see cref="Shown"/> changed.</summary>
    public bool Tick()
    {
        RestartPlayer();
        var changed = Supervise();
        if (_source.HasNews)
        {
            _source.HasNews = false;
            changed = true;
            Hold();
        }

        foreach (var member in _members.Values)
        {
            member.Update();
            Tell(member);
        }

        _listening.Tick(new GroupInView(Request, Player, _members.Values, Request.Muted || Calibrating is not null));
        _heldIsOld |= _listening.HasNews;
        _listening.HasNews = false;
        changed |= Judge();
        if (!_heldIsOld && _heldFlow == Flow()) return changed;
        Hold();
        return true;
    }

    /// <summary>What decides whether sound goes out.</summary>
    private (SourceFlow, int) Flow() => (Player.Flow, _members.Values.Count(m => m.IsRunning));

    public GroupReading Read() => new(FiguresOf(_reading), Request.Missing);

    public void SetPhase(string? phase)
    {
        Calibrating = phase;
        if (phase is not null)
        {
            _listening.Rest();
        }
        else
        {
            ForEachLane(lane => lane.SetDucked(false));
            SetDelays();
        }

        Hold();
    }

    /// <summary>Takes over what was heard, judged over the last 10 s with the delays as they were: the figure before.</summary>
    public SpreadReading? TakeHearing(IReadOnlyList<Member> members, CalibrationHearing hearing)
    {
        var (now, at) = (Now, WallNow);
        for (var i = 0; i < members.Count; i++)
        {
            if (hearing.LatencyMs[i] is not { } heard || _members.GetValueOrDefault(members[i].Settings.Speaker) != members[i]) continue;
            members[i].TakeCalibration(new LearnedLatency(heard - members[i].TotalDelayMs - Zero(members[i].HostMs(0)), hearing.Result.Speakers[i].Quality, at), now);
            var lane = members[i].Lane;
            Player.Change(lane.ForgetBias);
        }

        if (hearing.Result.SkewPpm is { } skew) _listening.Know(new MicrophoneFacts(hearing.Result.Channel, skew));

        var measured = members.Where(m => m.Measured?.At == at).ToList();
        _learned.Keep(measured.Select(m => (m.Settings, m.Measured!)));
        StartJudging();
        var (line, ticks) = (LineMs, new MemberTick[_judged.Length]);
        for (var ago = SpreadClassifier.WindowTicks - 1; ago >= 0 && _judged.All(m => m.HasHistory); ago--)
        {
            for (var i = 0; i < ticks.Length; i++) ticks[i] = _judged[i].JudgePast(ago, line, now);
            _reading = _classifier?.Tick(ticks);
        }

        foreach (var member in _judged) member.Judge(line, now);
        _settledAt = now + s_settling + s_settling; // the figure before stands until the delays are set
        Hold();
        return _reading;
    }

    /// <summary>The slowest gets no delay, each other as much as it is faster.</summary>
    public void ApplyCalibration(IReadOnlyList<Member> members)
    {
        _formerDelays = _members.ToDictionary(m => m.Key, m => m.Value.DelayMs);
        var line = LineMs;
        foreach (var member in members.Where(m => m.Measured is not null)) member.DelayMs = line - member.Measured!.LatencyMs;
        CommitDelays();
    }

    /// <summary>False: there is nothing to undo.</summary>
    public bool UndoCalibration()
    {
        if (_formerDelays is not { } former) return false;
        _formerDelays = null;
        foreach (var (speaker, delay) in former)
        {
            if (_members.TryGetValue(speaker, out var member)) member.DelayMs = delay;
        }

        CommitDelays();
        return true;
    }

    /// <summary>Spread by the host's clocks and what was heard, at this instant; null: a member is not measured.</summary>
    public double? SpreadNowMs()
    {
        var offsets = _members.Values.Select(m => m.HostMs(0) + m.LatencyMs + m.DelayMs).ToList();
        return offsets.Count == 0 || offsets.Any(o => o is null || !double.IsFinite(o.Value)) ? null : offsets.Max() - offsets.Min();
    }

    public void Dispose()
    {
        _ended.Cancel();
        _listening.Dispose();
        Player.Dispose();
        foreach (var member in _members.Values) _outputs.GiveBack(member.Settings, member.Output);
        _source.Dispose();
        _ended.Dispose();
    }

    /// <summary>What was closed from outside is opened again, a source that was not there yet too.</summary>
    private bool Supervise()
    {
        var told = _source.Supervise(Request, Player);
        if (told) Hold();
        var gone = _members.Values.Where(m => !m.Output.IsOpen || IsStuckAlone(m)).ToList();
        foreach (var member in gone) Lose(member);
        if (gone.Count == 0 && Now < _retryAt) return told;
        _retryAt = Now + s_retry;
        var changed = gone.Count > 0 || told;
        if (!_source.IsOpen) changed |= _source.Open(Request, Player);
        if (_members.Count < Request.Members.Count) changed |= OpenMissing();
        if (changed) Hold();
        return changed;
    }

    private void Lose(Member member)
    {
        var problem = member.Output.IsOpen ? $"{member.Settings.Name} got nothing but gaps for 10 s; its sound is begun anew." : member.Output.Problem;
        Remove(member);
        _troubles.Lost(Request.Group, member.Settings, member.Output.Fault, problem);
    }

    // Where all play gaps the machine is too slow, and to begin anew would only add to its work.
    private bool IsStuckAlone(Member member) => member.IsStuck && (_members.Count == 1 || _members.Values.Any(m => m.IsRunning));

    private Backoff NewBackoff() => new(s_retry, s_longestRetry, s_isStable, _time);

    /// <summary>The audio thread itself ended: everything that hung on it is opened anew with another, less and less often.</summary>
    private void RestartPlayer()
    {
        if (!Player.HasFailed || (_playerRetryAt is { } retry && Now < retry)) return;
        if (_playerRetryAt is null)
        {
            _playerRetryAt = Now + _playerBackoff.Failed();
            _happened(new PlaybackEvent(PlaybackEventKind.Problem, null, Request.Group, $"{Request.Name} is silent: {PlayerProblem}"));
            Hold();
            return;
        }

        _playerRetryAt = null;
        _listening.Rest();
        foreach (var member in _members.Values.ToList()) Remove(member);
        _source.Forget();
        Player.Dispose();
        Player = NewPlayer();
        _playerBackoff.Succeeded();
        _source.Open(Request, Player);
        OpenMissing();
        Hold();
    }

    private GroupPlayer NewPlayer()
    {
        var player = new GroupPlayer(Request.Group, _time, _log);
        player.Start();
        return player;
    }

    private bool OpenMissing()
    {
        var (opened, told) = (false, false);
        foreach (var member in Request.Members.Where(m => !_members.ContainsKey(m.Speaker) && !_troubles.MustWait(m)))
        {
            SpeakerOutput? output = null;
            OutputLane? lane = null;
            try
            {
                var prior = _learned.Find(member);
                var delay = _learned.DelayMs(Request.Group, member.Speaker) ?? 0;
                output = _outputs.Take(member);
                var added = lane = Player.AddLane(output, Math.Max(0, delay + member.TrimMs), Request.Muted);
                if (Calibrating is not null) Player.Change(() => added.SetDucked(true));
                _members[member.Speaker] = new Member(member, output, added, prior) { DelayMs = delay };
                _troubles.Opened(member);
                opened = true;
                if (_outputs.TakeNewLink(member) && prior is not null && !output.LatencyVisible)
                    _happened(new PlaybackEvent(PlaybackEventKind.NeedsCalibration, member.Speaker, Request.Group, $"{member.Name} has a new link, and its latency with it changes: press Calibrate to measure {Request.Name} again."));
            }
            catch (PortException failed)
            {
                told |= _troubles.CannotOpen(member, failed.Message);
            }
            catch (Exception fault)
            {
                // It ends this output alone: the others are opened all the same.
                told = true;
                _members.Remove(member.Speaker);
                if (lane is not null) Player.RemoveLane(lane);
                output?.Fail(fault);
                if (output is not null) _outputs.GiveBack(member, output);
                _troubles.Lost(Request.Group, member, fault, null);
            }
        }

        if (!opened) return told;
        SetDelays();
        StartJudging();
        return true;
    }

    private void Remove(Member member)
    {
        _members.Remove(member.Settings.Speaker);
        Player.RemoveLane(member.Lane);
        _outputs.GiveBack(member.Settings, member.Output);
        StartJudging();
    }

    private void ForEachLane(Action<OutputLane> change)
    {
        var lanes = _members.Values.Select(m => m.Lane).ToArray();
        Player.Change(() =>
        {
            foreach (var lane in lanes) change(lane);
        });
    }

    private void CommitDelays()
    {
        _learned.KeepDelays(Request.Group, _members.Select(m => KeyValuePair.Create(m.Key, m.Value.DelayMs)));
        SetDelays(commit: true);
        StartJudging();
        Hold();
    }

    /// <summary>Delay and trim, moved so that none is negative: nothing plays before it is there. While a calibration measures nothing moves.</summary>
    private void SetDelays(bool commit = false)
    {
        if (_members.Count == 0 || (Calibrating is not null && !commit)) return;
        var shift = Math.Max(0, -_members.Values.Min(m => m.DelayMs + m.Settings.TrimMs));
        foreach (var member in _members.Values)
        {
            var total = member.DelayMs + member.Settings.TrimMs + shift;
            if (total == member.TotalDelayMs) continue;
            member.TotalDelayMs = total;
            var lane = member.Lane;
            Player.Change(() => lane.SetDelay(total));
        }
    }

    private void StartJudging()
    {
        _judged = [.. _members.Values];
        _classifier = _judged.Length == 0 ? null : new SpreadClassifier(_judged.Length);
        _reading = null;
        _settledAt = Now + s_settling;
    }

    /// <summary>True: the state shows something new.</summary>
    private bool Judge()
    {
        var now = Now;
        if (_classifier is null || now < _settledAt) return false;
        var (line, ticks, before) = (LineMs, new MemberTick[_judged.Length], Shown.Sync.Class);
        for (var i = 0; i < ticks.Length; i++) ticks[i] = _judged[i].Judge(line, now);
        _reading = _classifier.Tick(ticks);
        if (_reading?.Class == before && now - _heldAt < s_held) return false;
        Hold();
        return true;
    }

    private void Hold()
    {
        (_heldAt, _heldFlow, _heldIsOld) = (Now, Flow(), false);
        Shown = Show();
    }

    private GroupPlayback Show() => new(
        Request, _members.ToDictionary(m => m.Key, m => m.Value.ToPlayback(Now), StringComparer.Ordinal),
        new Dictionary<string, string>(_troubles.Problems, StringComparer.Ordinal), Player.HasFailed ? SourceFlow.Closed : KnownFlow, Player.HasFailed ? PlayerProblem : _source.Problem, Calibrating,
        FiguresOf(_reading),
        [.. _members.Values.Where(m => m.IsUnheard).Select(m => m.Settings.Name)]);

    /// <summary>A source that knows why nothing comes is quiet, whatever has just trickled in.</summary>
    private SourceFlow KnownFlow => _source.KnowsWhyItIsQuiet && _heldFlow.Item1 is SourceFlow.Sounding or SourceFlow.Waiting ? SourceFlow.Quiet : _heldFlow.Item1;

    private void Tell(Member member)
    {
        var figures = member.Figures;
        if (member.Gaps.Take(figures.Underruns, Now) is > 0 and var gaps)
            _happened(new PlaybackEvent(PlaybackEventKind.Dropout, member.Settings.Speaker, Request.Group, $"{member.Settings.Name} got no sound in time{(gaps > 1 ? $", {gaps} times" : "")}; as much as was silent is skipped, so that it stays in time."));
        if (figures.Jumps > member.ToldJumps && Math.Abs(figures.LastJumpUs) > SpreadClassifier.JumpMs * 1000)
            _happened(new PlaybackEvent(PlaybackEventKind.Jump, member.Settings.Speaker, Request.Group, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{member.Settings.Name} was {figures.LastJumpUs / 1000:0.0} ms off and was brought back at once.")));
        if (figures.IsUnstable && !member.ToldUnstable)
            _happened(new PlaybackEvent(PlaybackEventKind.Problem, member.Settings.Speaker, Request.Group, $"{member.Settings.Name} is unstable: it moved by more than 5 ms three times within a minute. Bring it nearer, or use another adapter."));
        (member.ToldJumps, member.ToldUnstable) = (figures.Jumps, figures.IsUnstable);
    }

    private GroupFigures FiguresOf(SpreadReading? reading) => new(
        Rounded(reading?.SpreadMs), reading?.Class, reading?.Evidence ?? AlignmentEvidence.None,
        reading is { Evidence: AlignmentEvidence.Acoustic } known ? Math.Round(known.EvidenceAge.TotalSeconds, 1) : null, WorstOf(reading));

    private IReadOnlyList<string> WorstOf(SpreadReading? reading) => reading is { SpreadMs: not null, Earliest: >= 0, Latest: >= 0 } known
        ? [_judged[known.Earliest].Settings.Speaker, _judged[known.Latest].Settings.Speaker]
        : [];

    private static double? Rounded(double? value) => value is { } v ? Math.Round(v, 3) : null;

    private static double Zero(double value) => double.IsFinite(value) ? value : 0;
}

/// <summary>What all groups share.</summary>
internal sealed record PlaybackParts(SoundProviders Sound, SpeakerOutputs Outputs, LatencyStore Learned, TimeProvider Time, ILogger Log);

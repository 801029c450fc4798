using System.Globalization;
using Gateway.Engine.Ports;
using Gateway.Playback.Audio;
using Gateway.Playback.Telemetry;
using Gateway.Timing;
using Microsoft.Extensions.Logging;

namespace Gateway.Playback.Tracking;

/// <summary>
/// Listens along with one group: keeps what only a microphone hears in time while the music plays, and takes away what was known of a speaker
/// that should have been heard and was not. Engine's loop.
/// </summary>
/// <param name="microphone">Null: nobody consented to it.</param>
/// <param name="happened">Told what happens.</param>
/// <param name="post">Hands work to the engine's loop.</param>
internal sealed class ListeningAlong(SoundProviders sound, string? microphone, TimeProvider time, Action<PlaybackEvent> happened, Action<Action> post, ILogger log) : IDisposable
{
    /// <summary>After a change the outputs come to rest.</summary>
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(2);

    /// <summary>A microphone that failed is not pestered.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);
    private const int CodesPerRun = 32;

    private GroupInView? _group;
    private MicrophoneFacts? _facts;
    private TrackingRun? _run;
    private bool _opening;
    private bool _ended;
    private TimeSpan _beginsAt;
    private string? _problem;

    /// <summary>What is known of a speaker got old, or is known again; the reader takes it back.</summary>
    public bool HasNews { get; set; }

    /// <summary>What a calibration found out about the microphone.</summary>
    public void Know(MicrophoneFacts facts) => _facts = facts;

    /// <summary>Each 0.1 s.</summary>
    public void Tick(GroupInView group)
    {
        _group = group;
        if (_run is { } run)
        {
            if (IsAsBegun(run.Speakers) && run.IsOnItsLine)
            {
                run.Note();
                return;
            }

            Rest();
        }

        if (_opening || microphone is null || _facts is null || group.MustBeQuiet || time.Now() < _beginsAt) return;
        var speakers = group.Members.Where(m => m.Measured is not null && double.IsFinite(m.HostMs(0))).Select(m => new TrackedSpeaker(m, m.Measured!.LatencyMs + m.TotalDelayMs)).ToList();
        if (speakers.Count < 2) return; // one alone is in time with itself
        _opening = true;
        _ = OpenMicrophoneAsync(microphone, speakers);
    }

    /// <summary>Something changes that it cannot listen through: it begins anew when that has come to rest.</summary>
    public void Rest()
    {
        _run?.Dispose();
        _run = null;
        _beginsAt = time.Now() + s_rest;
    }

    public void Dispose()
    {
        _ended = true;
        Rest();
    }

    /// <summary>On the pool: a sound server that does not answer is waited for, and the groups' loop must not.</summary>
    private async Task OpenMicrophoneAsync(string name, IReadOnlyList<TrackedSpeaker> speakers)
    {
        var opening = Task.Run(() => sound.OpenMicrophone(name));
        var no = await EndOfAsync(opening);
        post(() =>
        {
            _opening = false;
            if (no is null) Begin(opening.Result, speakers);
            else if (!_ended) Failed(no);
        });
    }

    private void Begin(IAudioInput input, IReadOnlyList<TrackedSpeaker> speakers)
    {
        if (_ended || _facts is null || time.Now() < _beginsAt || _group is not { } group || !IsAsBegun(speakers))
        {
            input.Dispose(); // something else happened meanwhile
            return;
        }

        _run = new TrackingRun(group.Player, speakers, input, _facts, Random.Shared.Next(1 << 20) * CodesPerRun, time);
        _ = FollowAsync(_run);
    }

    private bool IsAsBegun(IReadOnlyList<TrackedSpeaker> speakers) =>
        _group is { MustBeQuiet: false } group && speakers.All(s => group.Members.Contains(s.Member) && s.Member.TotalDelayMs == s.TotalDelayMs);

    private async Task FollowAsync(TrackingRun run)
    {
        var no = await EndOfAsync(run.RunAsync(arrivals => post(() => Take(run, arrivals))));
        post(() =>
        {
            if (_run != run) return;
            Rest();
            if (no is not null) Failed(no);
            else if (_group is { } group) Miss(group, [.. run.Speakers.Select(s => s.Member)], "the microphone loses sound");
        });
    }

    /// <summary>Why it failed; null: it did not. A fault of ours is in the log then.</summary>
    private async Task<PortException?> EndOfAsync(Task work)
    {
        await work.Ended();
        if (work.Failure() is not { } failure) return null;
        if (failure is PortException no) return no;
        PlaybackLog.Fault(log, failure);
        return new PortException(PortError.Other, "An internal fault ended it; the log has it.");
    }

    private void Failed(PortException failed)
    {
        if (_group is not { } group) return;
        _beginsAt = time.Now() + s_pause;
        var text = $"{group.Request.Name} is not listened to while it plays: {failed.Message} {failed.Remedy}".TrimEnd();
        if (text != _problem) happened(new PlaybackEvent(PlaybackEventKind.Problem, null, group.Request.Group, text));
        _problem = text;
        Miss(group, [.. group.Members.Where(m => m.Measured is not null)], "nobody could listen");
    }

    private void Take(TrackingRun run, IReadOnlyList<TrackedArrival> arrivals)
    {
        if (_run != run || _group is not { } group) return;
        _problem = null;
        for (var i = 0; i < arrivals.Count; i++) Take(group, run.Speakers[i].Member, arrivals[i]);
        Miss(group, [.. run.Speakers.Where((_, i) => arrivals[i].Verdict.DeviationUs is null).Select(s => s.Member)], "is it much softer than it was, or far from the microphone?");
    }

    /// <summary>Evidence that should have been renewed and was not is none from the third window on: the group has no class until it is.</summary>
    private void Miss(GroupInView group, IReadOnlyList<Member> members, string why)
    {
        var lost = members.Where(m => m.MissWindow()).ToList();
        if (lost.Count == 0) return;
        HasNews = true;
        // One event: that the microphone hears nobody is one trouble, and not as many as there are speakers.
        happened(new PlaybackEvent(PlaybackEventKind.NeedsCalibration, lost.Count == 1 ? lost[0].Settings.Speaker : null, group.Request.Group,
            $"{string.Join(", ", lost.Select(m => m.Settings.Name))}: not heard for three windows running while {group.Request.Name} plays ({why}). How well it is in time is not known until that is so again, or Calibrate is pressed."));
    }

    private void Take(GroupInView group, Member member, TrackedArrival arrival)
    {
        var settings = member.Settings;
        PlaybackLog.Tracked(log, settings.Name, arrival.Verdict.DeviationUs, arrival.Estimate.Quality);
        if (arrival.Verdict.DeviationUs is not { } deviationUs) return;
        if (arrival.Verdict.HasMoved)
        {
            happened(new PlaybackEvent(PlaybackEventKind.Jump, settings.Speaker, group.Request.Group, string.Create(
                CultureInfo.InvariantCulture, $"{settings.Name} was heard {Math.Abs((deviationUs / 1000) - member.BiasMs):0.0} ms {(deviationUs / 1000 > member.BiasMs ? "late" : "early")} and is brought back.")));
        }

        HasNews |= member.IsUnheard;
        member.TakeTracking(time.Now());
        var (lane, moved) = (member.Lane, arrival.Verdict.HasMoved);
        group.Player.Change(() => lane.CorrectBias(deviationUs, moved));
    }
}

/// <summary>The group as it is now.</summary>
/// <param name="MustBeQuiet">Nothing may be hidden under it: it is muted, or a calibration measures.</param>
internal sealed record GroupInView(PlaybackRequest Request, GroupPlayer Player, IReadOnlyCollection<Member> Members, bool MustBeQuiet);

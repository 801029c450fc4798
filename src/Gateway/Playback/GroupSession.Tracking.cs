using System.Globalization;
using Gateway.Engine.Ports;
using Gateway.Playback.Telemetry;
using Gateway.Playback.Tracking;

namespace Gateway.Playback;

/// <summary>Listening along: keeps what only a microphone hears in time while the music plays.</summary>
internal sealed partial class GroupSession
{
    /// <summary>After a change the outputs come to rest, and a microphone that failed is not pestered.</summary>
    private static readonly TimeSpan s_trackingRest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_trackingPause = TimeSpan.FromMinutes(1);
    private const int CodesPerRun = 32;

    /// <summary>A short window and a long one, in which louder rooms are heard too.</summary>
    private const int MostWindowsWithNobody = 2;

    private MicrophoneFacts? _ear;
    private TrackingRun? _tracking;
    private bool _openingMicrophone;
    private TimeSpan _trackingAt;
    private string? _trackingProblem;
    private int _windowsWithNobody;

    /// <summary>Each 0.1 s.</summary>
    private void Track()
    {
        if (_tracking is { } run)
        {
            if (!Request.Muted && run.Speakers.All(IsAsBegun))
            {
                run.Note();
                return;
            }

            EndTracking();
        }

        if (_openingMicrophone || _trackingMicrophone is null || _ear is null || Calibrating is not null || Request.Muted || Now < _trackingAt) return;
        var speakers = _members.Values.Where(m => m.Measured is not null && double.IsFinite(m.HostMs(0)))
            .Select(m => new TrackedSpeaker(m, m.Measured!.LatencyMs + m.TotalDelayMs)).ToList();
        if (speakers.Count < 2) return; // one alone is in time with itself
        _openingMicrophone = true;
        _ = OpenMicrophoneAsync(_trackingMicrophone, speakers);
    }

    /// <summary>On the pool: a sound server that does not answer is waited for, and the groups' loop must not.</summary>
    private async Task OpenMicrophoneAsync(string microphone, IReadOnlyList<TrackedSpeaker> speakers)
    {
        try
        {
            var input = await Task.Run(() => _sound.OpenMicrophone(microphone));
            _post(() => BeginTracking(input, speakers));
        }
        catch (Exception error)
        {
            var failed = error as PortException ?? new PortException(PortError.Other, $"The microphone could not be opened, by an internal fault ({error.Message}).");
            _post(() =>
            {
                _openingMicrophone = false;
                if (!Ended.IsCancellationRequested) TrackingFailed(failed);
            });
        }
    }

    private void BeginTracking(IAudioInput input, IReadOnlyList<TrackedSpeaker> speakers)
    {
        _openingMicrophone = false;
        if (Ended.IsCancellationRequested || _ear is null || Calibrating is not null || Request.Muted || !speakers.All(IsAsBegun))
        {
            input.Dispose(); // something else happened meanwhile
            return;
        }

        _windowsWithNobody = 0;
        _tracking = new TrackingRun(Player, speakers, input, _ear, Random.Shared.Next(1 << 20) * CodesPerRun, _time);
        _ = FollowAsync(_tracking);
    }

    private void EndTracking()
    {
        _tracking?.Dispose();
        _tracking = null;
        _trackingAt = Now + s_trackingRest;
    }

    private bool IsAsBegun(TrackedSpeaker speaker) =>
        _members.GetValueOrDefault(speaker.Member.Settings.Speaker) == speaker.Member && speaker.Member.TotalDelayMs == speaker.TotalDelayMs;

    private async Task FollowAsync(TrackingRun run)
    {
        try
        {
            await run.RunAsync(arrivals => _post(() => TakeTracking(run, arrivals)));
        }
        catch (PortException failed)
        {
            _post(() =>
            {
                if (_tracking != run) return;
                EndTracking();
                TrackingFailed(failed);
            });
        }
        catch (Exception fault)
        {
            PlaybackLog.Fault(_log, fault);
            _post(() =>
            {
                if (_tracking != run) return;
                EndTracking();
                _trackingAt = Now + s_trackingPause;
            });
        }
    }

    private void TrackingFailed(PortException failed)
    {
        _trackingAt = Now + s_trackingPause;
        var text = $"{Request.Name} is not listened to while it plays: {failed.Message} {failed.Remedy}".TrimEnd();
        if (text != _trackingProblem) _happened(new PlaybackEvent(PlaybackEventKind.Problem, null, Request.Group, text));
        _trackingProblem = text;
        Missed([.. _members.Values.Where(m => m.Measured is not null)], "nobody could listen");
    }

    private void TakeTracking(TrackingRun run, IReadOnlyList<TrackedArrival> arrivals)
    {
        if (_tracking != run) return;
        _trackingProblem = null;
        for (var i = 0; i < arrivals.Count; i++) Take(run.Speakers[i].Member, arrivals[i]);
        Missed([.. run.Speakers.Where((_, i) => arrivals[i].Verdict.DeviationUs is null).Select(s => s.Member)], "is it much softer than it was, or far from the microphone?");
        _windowsWithNobody = arrivals.All(a => a.Verdict.DeviationUs is null) ? _windowsWithNobody + 1 : 0;
        if (_windowsWithNobody < MostWindowsWithNobody) return;
        // Nobody at all, though music played: the recording may have a gap, behind which everything comes from elsewhere. A new opening begins anew.
        _windowsWithNobody = 0;
        EndTracking();
    }

    /// <summary>Evidence that should have been renewed and was not is none from the third window on: the group has no class until it is.</summary>
    private void Missed(IReadOnlyList<Member> members, string why)
    {
        var lost = members.Where(m => m.MissWindow()).ToList();
        if (lost.Count == 0) return;
        _heldIsOld = true;
        // One event: that the microphone hears nobody is one trouble, and not as many as there are speakers.
        _happened(new PlaybackEvent(PlaybackEventKind.NeedsCalibration, lost.Count == 1 ? lost[0].Settings.Speaker : null, Request.Group,
            $"{string.Join(", ", lost.Select(m => m.Settings.Name))}: not heard for three windows running while {Request.Name} plays ({why}). How well it is in time is not known until that is so again, or Calibrate is pressed."));
    }

    private void Take(Member member, TrackedArrival arrival)
    {
        var settings = member.Settings;
        PlaybackLog.Tracked(_log, settings.Name, arrival.Verdict.DeviationUs, arrival.Estimate.Quality);
        if (arrival.Verdict.DeviationUs is not { } deviationUs) return;
        if (arrival.Verdict.HasMoved)
        {
            _happened(new PlaybackEvent(PlaybackEventKind.Jump, settings.Speaker, Request.Group, string.Create(
                CultureInfo.InvariantCulture, $"{settings.Name} was heard {Math.Abs((deviationUs / 1000) - member.BiasMs):0.0} ms {(deviationUs / 1000 > member.BiasMs ? "late" : "early")} and is brought back.")));
        }

        _heldIsOld |= member.IsUnheard;
        member.TakeTracking(Now);
        var (lane, moved) = (member.Lane, arrival.Verdict.HasMoved);
        Player.Change(() => lane.CorrectBias(deviationUs, moved));
    }
}

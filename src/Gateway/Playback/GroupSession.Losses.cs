using Gateway.Playback.Audio;
using Gateway.Playback.Telemetry;
using Gateway.Timing;

namespace Gateway.Playback;

/// <summary>Outputs that closed by themselves: each alone, opened again at once, and one that closes again and again less and less often.</summary>
internal sealed partial class GroupSession
{
    private const string PlayerProblem = "its audio thread ended by an internal fault; the log has it.";
    private readonly Dictionary<string, Loss> _losses = new(StringComparer.Ordinal);

    /// <summary>An output closed while the speaker shall sound: by the other end, or by a fault of ours, which ends it alone.</summary>
    private void Lose(Member member)
    {
        Remove(member);
        NoteLoss(member.Settings, member.Output.Fault, member.Output.Problem);
    }

    /// <summary>It is tried again, less and less often.</summary>
    private void NoteLoss(PlaybackMember settings, Exception? fault, string? problem)
    {
        if (_losses.TryGetValue(settings.Speaker, out var loss)) loss.Wait = loss.Backoff.Failed();
        else _losses[settings.Speaker] = loss = new Loss(settings, NewBackoff());
        loss.At = _time.GetTimestamp();
        if (fault is not null)
        {
            PlaybackLog.OutputFault(_log, settings.Name, fault);
            problem = $"The sound to {settings.Name} ended by an internal fault; the log has it.";
        }

        if (problem is null || _problems.GetValueOrDefault(settings.Speaker) == problem) return;
        _problems[settings.Speaker] = problem;
        _happened(new PlaybackEvent(PlaybackEventKind.Problem, settings.Speaker, Request.Group, problem));
    }

    private Backoff NewBackoff() => new(s_retry, s_longestRetry, s_isStable, _time);

    private bool MustWait(PlaybackMember member) => _losses.GetValueOrDefault(member.Speaker) is { } loss && _time.GetElapsedTime(loss.At) < loss.Wait;

    /// <summary>A speaker with another link, or one that was not wanted meanwhile, begins anew.</summary>
    private void ForgetLosses(PlaybackRequest request)
    {
        foreach (var loss in _losses.Values.Where(l => !request.Members.Any(m => m.IsAt(l.Place) && m.LinkedAt == l.Place.LinkedAt)).ToList())
        {
            _losses.Remove(loss.Place.Speaker);
            _problems.Remove(loss.Place.Speaker);
        }
    }

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
        EndTracking();
        foreach (var member in _members.Values.ToList()) Remove(member);
        _source?.Dispose();
        (_source, _sourceOf, _sourceTried) = (null, null, null);
        Player.Dispose();
        Player = NewPlayer();
        _playerBackoff.Succeeded();
        OpenSource();
        OpenMissing();
        Hold();
    }

    private GroupPlayer NewPlayer()
    {
        var player = new GroupPlayer(Request.Group, _time, _log);
        player.Start();
        return player;
    }

    /// <summary>What became of a speaker's output.</summary>
    private sealed class Loss(PlaybackMember place, Backoff backoff)
    {
        public PlaybackMember Place => place;
        public Backoff Backoff => backoff;
        public long At { get; set; }

        /// <summary>None at first: a stream that was closed from outside may be had again at once.</summary>
        public TimeSpan Wait { get; set; }
    }
}

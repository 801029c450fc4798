using Gateway.Timing;
using Microsoft.Extensions.Logging;

namespace Gateway.Playback;

/// <summary>
/// Outputs of a group that closed by themselves or cannot be opened: each alone, opened again at once, and one that closes again and again
/// less and less often. Engine's loop.
/// </summary>
/// <param name="newBackoff">One for each output.</param>
/// <param name="happened">Told what happens.</param>
internal sealed class OutputTroubles(Func<Backoff> newBackoff, TimeProvider time, Action<PlaybackEvent> happened, ILogger log)
{
    private readonly Dictionary<string, Loss> _losses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _problems = new(StringComparer.Ordinal);

    /// <summary>By speaker: why no sound goes to it, or did not lately.</summary>
    public IReadOnlyDictionary<string, string> Problems => _problems;

    public bool MustWait(PlaybackMember member) => _losses.GetValueOrDefault(member.Speaker) is { } loss && time.GetElapsedTime(loss.At) < loss.Wait;

    /// <summary>One that was lost before keeps its problem until it has stood for a while.</summary>
    public void Opened(PlaybackMember member)
    {
        if (_losses.GetValueOrDefault(member.Speaker) is { } loss) loss.Backoff.Succeeded();
        else _problems.Remove(member.Speaker);
    }

    /// <summary>True: that was not known.</summary>
    public bool CannotOpen(PlaybackMember member, string reason)
    {
        if (_problems.GetValueOrDefault(member.Speaker) == reason) return false;
        PlaybackLog.CannotOpen(log, member.Name, reason);
        _problems[member.Speaker] = reason;
        return true;
    }

    /// <summary>It closed while the speaker shall sound: by the other end, or by a fault of ours, which ends it alone. It is tried again, less and less often.</summary>
    public void Lost(string group, PlaybackMember settings, Exception? fault, string? problem)
    {
        if (_losses.TryGetValue(settings.Speaker, out var loss)) loss.Wait = loss.Backoff.Failed();
        else _losses[settings.Speaker] = loss = new Loss(settings, newBackoff());
        loss.At = time.GetTimestamp();
        if (fault is not null)
        {
            PlaybackLog.OutputFault(log, settings.Name, fault);
            problem = $"The sound to {settings.Name} ended by an internal fault; the log has it.";
        }

        if (problem is null || _problems.GetValueOrDefault(settings.Speaker) == problem) return;
        _problems[settings.Speaker] = problem;
        happened(new PlaybackEvent(PlaybackEventKind.Problem, settings.Speaker, group, problem));
    }

    /// <summary>A speaker with another link, or one that was not wanted meanwhile, begins anew.</summary>
    public void Forget(PlaybackRequest request)
    {
        foreach (var loss in _losses.Values.Where(l => !request.Members.Any(m => m.IsAt(l.Place) && m.LinkedAt == l.Place.LinkedAt)).ToList())
        {
            _losses.Remove(loss.Place.Speaker);
            _problems.Remove(loss.Place.Speaker);
        }
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

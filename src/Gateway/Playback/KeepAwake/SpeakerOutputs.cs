using Gateway.Engine.Ports;
using Gateway.Playback.Audio;
using Gateway.Playback.TestSound;
using Gateway.Timing;
using Microsoft.Extensions.Logging;

namespace Gateway.Playback.KeepAwake;

/// <summary>
/// Owns every speaker's output from its opening to its close. One is lent to one group at a time; between groups, those of speakers that shall stay
/// awake (S1) are held open and fed, and one may get the test sound, which ends when a group wants it. So nothing is opened twice, and a stream does not
/// stop when a group takes it or gives it back.
/// Touched by the engine's loop only.
/// </summary>
internal sealed class SpeakerOutputs(SoundProviders sound, TimeProvider time, ILogger log)
{
    /// <summary>As much as the loop may be late: two of its ticks of 0.1 s.</summary>
    private const int AheadMs = 200;
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_stable = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Awake> _awake = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SpeakerTest> _tests = new(StringComparer.Ordinal);
    private readonly HashSet<string> _lent = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Output, TimeSpan? LinkedAt)> _links = new(StringComparer.Ordinal);

    /// <summary>All speakers that are linked and shall stay awake, in whole: the difference to now is brought about.</summary>
    public void KeepAwake(IReadOnlyList<PlaybackMember> speakers)
    {
        foreach (var former in _awake.Values.Where(a => !speakers.Any(a.Place.IsAt)).ToList())
        {
            _awake.Remove(former.Place.Speaker);
            former.Output?.Dispose();
        }

        foreach (var speaker in speakers) _awake.TryAdd(speaker.Speaker, new Awake(speaker, new Backoff(s_firstRetry, s_longestRetry, s_stable, time)));
    }

    /// <summary>Lends a speaker's output, with what lies in it; it is to be given back.</summary>
    /// <exception cref="PortException">It is not connected, or another group has it.</exception>
    public SpeakerOutput Take(PlaybackMember member)
    {
        if (_lent.Contains(member.Speaker)) throw new PortException(PortError.Other, $"{member.Name} still plays in another group.", "It is tried again by itself.");
        var held = _awake.GetValueOrDefault(member.Speaker);
        var output = held?.Release();
        var place = held?.Place;
        if (_tests.Remove(member.Speaker, out var test))
        {
            test.Fail("a group began to play on it", "What the group plays is its test.");
            (output, place) = (test.Output, test.Place);
        }

        if (output is not null && !(output.IsOpen && place!.IsAt(member)))
        {
            output.Dispose();
            output = null;
        }

        output ??= new SpeakerOutput(sound.Open(member.Output));
        output.Follow(member);
        _lent.Add(member.Speaker);
        return output;
    }

    /// <summary>True, once: it has another link than when this was last asked. An output that was only opened anew has the link that it had.</summary>
    public bool TakeNewLink(PlaybackMember member)
    {
        var link = (member.Output.Key, member.LinkedAt);
        var isNew = !_links.TryGetValue(member.Speaker, out var former) || former != link;
        _links[member.Speaker] = link;
        return isNew;
    }

    /// <summary>Begins the test sound on a speaker.</summary>
    /// <exception cref="PortException">It is not connected, or a group has it.</exception>
    public SpeakerTest Test(PlaybackMember member)
    {
        if (_lent.Contains(member.Speaker)) throw new PortException(PortError.Other, $"{member.Name} belongs to a group that plays.", "What the group plays is its test; switch the group off to test it alone.");
        var test = new SpeakerTest(member, Take(member), time);
        _lent.Remove(member.Speaker);
        _tests[member.Speaker] = test;
        return test;
    }

    /// <summary>Ends a test that nobody waits for any more.</summary>
    public void End(SpeakerTest test)
    {
        if (_tests.GetValueOrDefault(test.Place.Speaker) != test) return;
        _tests.Remove(test.Place.Speaker);
        test.Fail("it was stopped");
        GiveBack(test.Place, test.Output);
    }

    public void EndTests()
    {
        foreach (var test in _tests.Values.ToList()) End(test);
    }

    /// <summary>Takes back what nobody fills any more: it is fed from now on, or closed.</summary>
    public void GiveBack(PlaybackMember member, SpeakerOutput output)
    {
        _lent.Remove(member.Speaker);
        if (output.IsOpen && _awake.GetValueOrDefault(member.Speaker) is { } awake && awake.Place.IsAt(member)) awake.Hold(output);
        else output.Dispose();
    }

    /// <summary>Each 0.1 s.</summary>
    public void Tick()
    {
        foreach (var test in _tests.Values.Where(IsOver).ToList()) End(test);
        foreach (var awake in _awake.Values)
        {
            if (_lent.Contains(awake.Place.Speaker) || _tests.ContainsKey(awake.Place.Speaker)) continue;
            if (awake.Output is null) Open(awake);
            else if (awake.Output is { IsOpen: true } output) Guard(awake.Place, output, () => output.FillWithSilence(output.SampleRate * AheadMs / 1000));
            else Lose(awake);
        }
    }

    private bool IsOver(SpeakerTest test)
    {
        var over = false;
        Guard(test.Place, test.Output, () => over = test.Tick(AheadMs));
        return over || (!test.Output.IsOpen && test.Tick(AheadMs)); // one that a fault closed says so
    }

    /// <summary>A fault ends this output alone: the other speakers are fed all the same.</summary>
    private void Guard(PlaybackMember place, SpeakerOutput output, Action feed)
    {
        try
        {
            feed();
        }
        catch (Exception fault)
        {
            PlaybackLog.OutputFault(log, place.Name, fault);
            output.Fail(fault);
        }
    }

    private void Open(Awake awake)
    {
        if (time.Now() < awake.RetryAt) return;
        try
        {
            awake.Hold(new SpeakerOutput(sound.Open(awake.Place.Output)));
            awake.Backoff.Succeeded();
            if (awake.Problem is not null || !awake.WasTold) PlaybackLog.KeptAwake(log, awake.Place.Name);
            (awake.Problem, awake.WasTold) = (null, true);
        }
        catch (Exception no)
        {
            // It is this speaker's alone: the others are fed all the same.
            if (no is not PortException) PlaybackLog.OutputFault(log, awake.Place.Name, no);
            else if (awake.Problem != no.Message) PlaybackLog.NotKeptAwake(log, awake.Place.Name, no.Message);
            awake.Problem = no.Message;
            awake.RetryAt = time.Now() + awake.Backoff.Failed();
        }
    }

    private void Lose(Awake awake)
    {
        awake.Release()!.Dispose();
        awake.RetryAt = time.Now() + awake.Backoff.Failed();
    }

    /// <summary>A speaker that shall stay awake, and its output while no group has it.</summary>
    private sealed class Awake(PlaybackMember place, Backoff backoff)
    {
        public PlaybackMember Place { get; } = place;
        public Backoff Backoff { get; } = backoff;
        public SpeakerOutput? Output { get; private set; }
        public TimeSpan RetryAt { get; set; }
        public string? Problem { get; set; }
        public bool WasTold { get; set; }

        public void Hold(SpeakerOutput output)
        {
            Output = output;
            output.KeepAwake = true;
        }

        public SpeakerOutput? Release()
        {
            var output = Output;
            Output = null;
            return output;
        }
    }
}

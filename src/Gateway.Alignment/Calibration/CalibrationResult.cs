namespace Gateway.Alignment.Calibration;

/// <summary>Why a measurement is not to be used. "Rejected" is always better than wrong.</summary>
public enum CalibrationRejection
{
    /// <summary>It is accepted.</summary>
    None,

    /// <summary>The probe is not heard.</summary>
    NoProbe,

    /// <summary>The probe is heard, but not well enough to be sure of its first arrival.</summary>
    LowQuality,

    /// <summary>The recorder was overdriven.</summary>
    Clipped,

    /// <summary>The recording ends before the last probe does.</summary>
    TooShort,

    /// <summary>The sample rate or the recorder's path cuts the treble off, without which reflections cannot be told from direct sound.</summary>
    Bandwidth,

    /// <summary>The probes of one run differ by more than 100 µs, by themselves or by the player's own clock; or two sounds carry them.</summary>
    Disagreement,

    /// <summary>They differ by more than 2 ms: the speaker re-buffers by itself.</summary>
    Unstable,

    /// <summary>The recording's header names another rate than its sound has.</summary>
    SampleRate,

    /// <summary>NaN or infinity among the samples, or a shape that is no recording.</summary>
    Invalid,
}

/// <summary>What a run showed of one speaker. Times in µs.</summary>
/// <param name="Speaker">0 and up.</param>
/// <param name="Rejection">None: accepted.</param>
/// <param name="Explanation">A sentence for the user: what is the matter and what to do, or that all is well.</param>
/// <param name="ArrivalUs">Start of the first probe's direct sound, from the start of the recording. Null unless accepted.</param>
/// <param name="RelativeUs">At most 0: the slowest accepted speaker has 0, a faster one minus its lead. Null unless accepted.</param>
/// <param name="Quality">Q of the weaker of the two probes used; of the best probe where it was rejected.</param>
/// <param name="DirectRatio">First peak over highest peak.</param>
/// <param name="DisagreementUs">Difference between the two probes that agree best; null with fewer than two heard.</param>
public sealed record SpeakerArrival(
    int Speaker, CalibrationRejection Rejection, string Explanation, double? ArrivalUs, double? RelativeUs, double Quality, double DirectRatio, double? DisagreementUs)
{
    internal const double WeakRatio = 0.5;

    /// <summary>The figures may be used.</summary>
    public bool IsAccepted => Rejection == CalibrationRejection.None;

    /// <summary>The delay that brings it into time with the slowest: minus <see cref="RelativeUs"/>.</summary>
    public double? DelayUs => 0 - RelativeUs;

    /// <summary>The direct sound is much weaker than a reflection: the value is right, but the microphone stands badly.</summary>
    public bool IsDirectSoundWeak => IsAccepted && DirectRatio < WeakRatio;
}

/// <summary>The outcome of a calibration run.</summary>
/// <param name="Rejection">None: every speaker is accepted. Else why the whole recording is rejected, or the first speaker's reason.</param>
/// <param name="Explanation">A sentence for the user.</param>
/// <param name="SkewPpm">The recorder's clock, positive = fast; null: could not be measured, or the players' own clocks differ and no majority shows it.</param>
/// <param name="Channel">Which of the recording's channels was used, from 0.</param>
/// <param name="Speakers">One each, in order.</param>
public sealed record CalibrationResult(
    CalibrationRejection Rejection, string Explanation, double? SkewPpm, int Channel, IReadOnlyList<SpeakerArrival> Speakers)
{
    /// <summary>Every speaker is accepted.</summary>
    public bool IsAccepted => Rejection == CalibrationRejection.None;

    /// <summary>The same, seen from a recording that begins so much earlier.</summary>
    internal CalibrationResult Shift(double us) => this with { Speakers = [.. Speakers.Select(speaker => speaker with { ArrivalUs = speaker.ArrivalUs + us })] };
}

using Gateway.Alignment.Drift;

namespace Gateway.Playback.Audio;

/// <summary>What an output's clock shows, published by the audio thread.</summary>
/// <param name="OffsetUs">Of what the device takes now, against the group's line; positive = late; NaN: not known yet.</param>
/// <param name="DriftPpm">The device clock's rate error, positive = fast; NaN: not known yet.</param>
/// <param name="BiasUs">What the device is later by than its clock shows, as a microphone heard while it played.</param>
/// <param name="UnderrunFrames">Frames that came too late since the output was opened.</param>
/// <param name="Underruns">Gaps since then.</param>
/// <param name="IsSilent">It plays gaps now.</param>
/// <param name="Jumps">Jumps of the read pointer that the drift loop ordered.</param>
internal readonly record struct LaneFigures(
    DriftLoopState Loop, double OffsetUs, double DriftPpm, double CorrectionPpm, double BiasUs, long UnderrunFrames, int Underruns, bool IsSilent, int Jumps, double LastJumpUs, bool IsUnstable);

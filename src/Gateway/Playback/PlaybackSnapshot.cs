using Gateway.Engine;

namespace Gateway.Playback;

/// <summary>A speaker that a group shall sound on: where its link is.</summary>
/// <param name="Adapter">The adapter's address. <paramref name="Address"/> is the speaker's.</param>
internal sealed record PlaybackMember(string Speaker, string Adapter, string Address, double TrimMs, int Volume);

/// <summary>What a group shall play, in whole: the engine brings about the difference to what it does now.</summary>
internal sealed record PlaybackRequest(string Group, SourceRef? Source, bool Muted, IReadOnlyList<PlaybackMember> Members);

/// <summary>What a group does now.</summary>
/// <param name="Sounding">Speakers whose output is open. <paramref name="Problems"/> says why others are not, by speaker.</param>
internal sealed record GroupPlayback(string Group, IReadOnlyList<string> Sounding, IReadOnlyDictionary<string, string> Problems);

/// <summary>Every started group; replaced whole on each change.</summary>
internal sealed record PlaybackSnapshot(IReadOnlyDictionary<string, GroupPlayback> Groups)
{
    public static PlaybackSnapshot Empty { get; } = new(new Dictionary<string, GroupPlayback>());
}

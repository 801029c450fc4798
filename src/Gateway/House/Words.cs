using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.House;

/// <summary>An enumeration that the contract writes in snake_case: <c>HeldElsewhere</c> is <c>held_elsewhere</c>.</summary>
internal sealed class WordConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower) where T : struct, Enum;

/// <summary>The contract's words for enumerations.</summary>
public static class Words
{
    public static string Of<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>What a word stands for; null: there is none, or another version's.</summary>
    public static T? Read<T>(string? word) where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (Of(value) == word) return value;
        }

        return null;
    }

    /// <summary>All of an enumeration's, in its order.</summary>
    public static IReadOnlyList<string> All<T>() where T : struct, Enum => [.. Enum.GetValues<T>().Select(Of)];
}

/// <summary>What a group does.</summary>
[JsonConverter(typeof(WordConverter<GroupPhase>))]
public enum GroupPhase
{
    Off,
    Planning,
    Connecting,

    /// <summary>All is linked, and it cannot be said yet whether sound goes out.</summary>
    Priming,
    Playing,

    /// <summary>It is on, and not all of it sounds.</summary>
    Degraded,
    Failed,
}

/// <summary>What a member does in a group that is on.</summary>
[JsonConverter(typeof(WordConverter<MemberState>))]
public enum MemberState
{
    Playing,
    Connecting,
    Missing,
    Muted,
}

/// <summary>A speaker's link with us.</summary>
[JsonConverter(typeof(WordConverter<SpeakerLink>))]
public enum SpeakerLink
{
    Disconnected,
    Connecting,
    Connected,

    /// <summary>A phone or computer holds it, or an Echo does.</summary>
    HeldElsewhere,
    Failed,
}

/// <summary>An Echo's link.</summary>
[JsonConverter(typeof(WordConverter<EchoLinkState>))]
public enum EchoLinkState
{
    Disconnected,
    Connecting,
    Connected,
}

/// <summary>Whose Bluetooth's sound is.</summary>
[JsonConverter(typeof(WordConverter<BluetoothAudioOwner>))]
public enum BluetoothAudioOwner
{
    /// <summary>The gateway's.</summary>
    Own,

    /// <summary>A sound server's.</summary>
    Pulse,
}

/// <summary>What an offset is known from.</summary>
[JsonConverter(typeof(WordConverter<SyncEvidence>))]
public enum SyncEvidence
{
    /// <summary>The speaker's own word.</summary>
    Reported,

    /// <summary>The host's clock.</summary>
    Host,

    /// <summary>A microphone.</summary>
    Acoustic,
}

/// <summary>What is known of a speaker's latency.</summary>
[JsonConverter(typeof(WordConverter<CalibrationStatus>))]
public enum CalibrationStatus
{
    None,
    Valid,

    /// <summary>It was measured, and does not hold any more.</summary>
    Stale,
}

/// <summary>What a speaker's drift loop does.</summary>
[JsonConverter(typeof(WordConverter<LoopState>))]
public enum LoopState
{
    Idle,
    Priming,
    Acquiring,
    Tracking,
    Coasting,
    Lost,
}

/// <summary>What happened, for <c>tutti/event</c> and Home Assistant's event entity.</summary>
[JsonConverter(typeof(WordConverter<HouseEventType>))]
public enum HouseEventType
{
    LinkReplaced,
    LinkLost,
    LinkRestored,
    Dropout,
    Jump,
    Calibrated,
    CalibrationFailed,
    NeedsCalibration,
    MemberMissing,
    MemberBack,
    HeldElsewhere,
    Pairing,
    PairingQuestion,
    SourceChanged,
    Problem,
}

using System.Text.Json.Serialization;

namespace Gateway.Engine;

/// <summary>How far apart a group is expected, or measured, to sound (docs/routes.md).</summary>
public enum SyncClass
{
    [JsonStringEnumMemberName("locked")] Locked,
    [JsonStringEnumMemberName("tight")] Tight,
    [JsonStringEnumMemberName("roomwide")] Roomwide,
    [JsonStringEnumMemberName("loose")] Loose,
    [JsonStringEnumMemberName("smeared")] Smeared,
    [JsonStringEnumMemberName("split")] Split,
}

/// <summary>Where a class ends. A test holds them equal to those by which a group is measured.</summary>
public static class SyncLimits
{
    /// <summary>At most.</summary>
    public const int LockedMs = 1;

    /// <summary>Less than.</summary>
    public const int TightMs = 15;

    /// <summary>At most.</summary>
    public const int RoomwideMs = 28;

    /// <summary>Less than.</summary>
    public const int LooseMs = 40;

    /// <summary>Less than.</summary>
    public const int SmearedMs = 120;

    public static SyncClass ClassOf(double spreadMs) => spreadMs switch
    {
        <= LockedMs => SyncClass.Locked,
        < TightMs => SyncClass.Tight,
        <= RoomwideMs => SyncClass.Roomwide,
        < LooseMs => SyncClass.Loose,
        < SmearedMs => SyncClass.Smeared,
        _ => SyncClass.Split,
    };
}

using System.Text.Json.Serialization;

namespace Gateway.House;

public sealed record GatewayDocument
{
    public required string Id { get; init; }
    public required string Version { get; init; }
    public ValueList<string> ActiveGroups { get; init; } = [];
    public bool PairingMode { get; init; }

    public BluetoothAudioOwner? BluetoothAudio { get; init; }
    public string? LastProblem { get; init; }

    /// <summary>What is wrong now with the gateway itself, with the remedy; null: nothing. A group's problem is in its own document.</summary>
    public string? Problem { get; init; }

    /// <summary>Null: no BlueZ was seen yet.</summary>
    public BluezDocument? Bluez { get; init; }

    /// <summary>Phones and Echos that are paired with the gateway and play to it.</summary>
    public ValueList<A2dpSourceDocument> A2dpSources { get; init; } = [];

    [JsonIgnore]
    public string Name { get; init; } = "Tutti";
}

/// <summary>An A2DP source on one of our adapters (its id).</summary>
public sealed record A2dpSourceDocument(string Name, string Address, string Adapter, bool Connected);

/// <summary>The Bluetooth service at work, and what is known to be wrong with its version.</summary>
public sealed record BluezDocument(string Version, IReadOnlyList<string> Faults);

using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Engine;
using Gateway.Storage;
using Microsoft.Extensions.Logging;

namespace Gateway.Bluetooth;

/// <summary>T4: an adapter carried so many streams when it, or BlueZ, refused one more.</summary>
/// <param name="Stated"><c>max_streams</c> then; null: not stated.</param>
/// <param name="BlueZ">BlueZ's version then; null: not known.</param>
internal sealed record LearnedLimit(int Streams, DateTimeOffset At, int? Stated, string? BlueZ)
{
    /// <summary>From then on it is tried anew.</summary>
    public DateTimeOffset Until => At + LearnedLimits.Life;
}

[JsonSerializable(typeof(LearnedLimit))]
internal sealed partial class LearnedLimitJson : JsonSerializerContext;

/// <summary>
/// What adapters were found to carry, by address, over restarts. What was met once need not stay so (another place, less on the air, another BlueZ), and
/// only another try tells: so it counts for a week, or until something speaks against it. Any thread.
/// </summary>
internal sealed class LearnedLimits(BluetoothOptions options, Store? store, TimeProvider time, ILogger logger)
{
    /// <summary>A try in vain once a week costs a few seconds; a limit that is no longer one costs a speaker.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(7);

    private const string Scope = "adapter_limit";

    private readonly ConcurrentDictionary<BluetoothAddress, LearnedLimit> _limits = Read(store);

#pragma warning disable RS0030 // stored, and days long
    private DateTimeOffset WallNow => time.GetUtcNow();
#pragma warning restore RS0030

    /// <summary>The limit that counts now; null: none.</summary>
    /// <param name="carried">Streams of the adapter now.</param>
    /// <param name="version">BlueZ's; null: not known.</param>
    public LearnedLimit? Of(string name, BluetoothAddress address, int carried, string? version) =>
        _limits.TryGetValue(address, out var limit) && Against(limit, name, address, carried, version) is null ? limit : null;

    /// <summary>Forgets the adapter's limit for good where it no longer counts.</summary>
    public void Expire(string name, BluetoothAddress address, int carried, string? version)
    {
        if (!_limits.TryGetValue(address, out var limit) || Against(limit, name, address, carried, version) is not { } reason) return;
        if (!_limits.TryRemove(KeyValuePair.Create(address, limit))) return;
        BluetoothLog.LimitForgotten(logger, name, limit.Streams, Date(limit.At), reason);
        store?.Keep(Scope, address, null);
    }

    public void Learn(string name, BluetoothAddress address, int streams, string? version)
    {
        var limit = new LearnedLimit(streams, WallNow, options.StatedStreamsOf(name, address), version);
        _limits[address] = limit;
        BluetoothLog.LearnedLimit(logger, name, streams, Date(limit.Until));
        store?.Keep(Scope, address, JsonSerializer.Serialize(limit, LearnedLimitJson.Default.LearnedLimit));
    }

    public static string Date(DateTimeOffset at) => at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private string? Against(LearnedLimit limit, string name, BluetoothAddress address, int carried, string? version)
    {
        var age = WallNow - limit.At;
        // A machine without a clock of its own may have learned it in the future.
        if (age >= Life || age < -Life) return "a week has passed";
        if (carried > limit.Streams) return $"it carries {carried} now";
        if (limit.Stated != options.StatedStreamsOf(name, address)) return "its max_streams was changed";
        return version is not null && limit.BlueZ is { } before && version != before ? $"BlueZ is {version} now" : null;
    }

    private static ConcurrentDictionary<BluetoothAddress, LearnedLimit> Read(Store? store)
    {
        var limits = new ConcurrentDictionary<BluetoothAddress, LearnedLimit>();
        foreach (var (key, text) in store?.All(Scope) ?? new Dictionary<string, string>())
        {
            if (BluetoothAddress.Read(key) is { } address && Read(text) is { Streams: > 0 } limit) limits[address] = limit;
            else store!.TellUnreadable(Scope, key);
        }

        return limits;
    }

    /// <summary>What cannot be read is the same as nothing learned.</summary>
    private static LearnedLimit? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, LearnedLimitJson.Default.LearnedLimit);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Alignment.Calibration;
using Gateway.Files;
using NAudio.Wave;

namespace Gateway.Cli.Calibrate;

/// <summary><c>probe.json</c>: which run the WAV files beside it are.</summary>
internal sealed record ProbeDescription
{
    public const string FileName = "probe.json";

    public int Version { get; init; }
    public int Speakers { get; init; }
    public int Probes { get; init; }
    public int Series { get; init; }
    public int SampleRate { get; init; }
    public double Seconds { get; init; }
    public IReadOnlyList<string> Files { get; init; } = [];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ProbeDescription))]
internal sealed partial class ProbeJson : JsonSerializerContext;

/// <summary>The files of <c>calibrate probe</c>.</summary>
internal static class ProbeFiles
{
    private const int Version = 1;
    private const int Bits = 16;

    public static int Write(int speakers, int probes, string folder, TextWriter output, TextWriter error)
    {
        if (speakers is < 1 or > ProbeSet.MaxSpeakers || probes is < 2 or > 3)
        {
            error.WriteLine(speakers is < 1 or > ProbeSet.MaxSpeakers
                ? $"--speakers {speakers}: one recording tells 1 to {ProbeSet.MaxSpeakers} speakers apart. Measure more of them in several recordings that share one speaker."
                : $"--probes {probes}: a run has 2 or 3 probes.");
            return ExitCodes.UsageOrConfiguration;
        }

        // Codes of their own for each call: an old recording is never taken for this run's.
        var set = new ProbeSet(speakers, probes, Random.Shared.Next(1, 1_000_000));
        try
        {
            Write(set, Directory.CreateDirectory(folder).FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            error.WriteLine($"--out {folder}: cannot be written ({ReasonOf(e, folder)}). Name a folder that you may write to, with {(speakers * set.TotalFrames * 2L / 1_000_000) + 1} MB left.");
            return ExitCodes.UsageOrConfiguration;
        }

        var files = speakers == 1 ? NameOf(1) : $"{NameOf(1)} to {NameOf(speakers)}";
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{folder}: {files}, {Seconds(set):0.0} s each."));
        output.WriteLine("Start to record at the place where you listen, start all files together, each on its speaker, and record until they are over and a second more. Then:");
        output.WriteLine($"  tutti calibrate analyse --probe {folder} RECORDING.wav");
        return ExitCodes.Fine;
    }

    /// <param name="folder">Or the path of its <c>probe.json</c>.</param>
    /// <exception cref="UnreadableException">There is no usable <c>probe.json</c>.</exception>
    public static ProbeSet Read(string folder)
    {
        var path = File.Exists(folder) ? folder : Path.Combine(folder, ProbeDescription.FileName);
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            if (ReadNumber(json, "version") is { } version and not Version) throw new UnreadableException($"{path} is of version {version}, and this program knows version {Version}.", "Use the version of Tutti that wrote it, or make the probe and the recording again.");
            string[] names = ["version", "speakers", "probes", "series"];
            string[] missing = [.. names.Where(name => ReadNumber(json, name) is null)];
            if (missing.Length > 0) throw Undescribed(path, $"it holds no whole number named {string.Join(", ", missing)}");
            return new ProbeSet(ReadNumber(json, "speakers")!.Value, ReadNumber(json, "probes")!.Value, ReadNumber(json, "series")!.Value);
        }
        catch (Exception e) when (RefusalOf(e, path) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>Null: a fault of ours.</summary>
    private static UnreadableException? RefusalOf(Exception error, string path) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException => new UnreadableException($"There is no {path}.", "Give --probe the folder that calibrate probe wrote."),
        JsonException e => Undescribed(path, $"it is no JSON from line {e.LineNumber + 1} on"),
        // A name with an escaped half of a surrogate pair: found out only when a name is looked for.
        InvalidOperationException => Undescribed(path, "it holds half a character"),
        ArgumentOutOfRangeException e => Undescribed(path, e.Message.Split('(')[0].TrimEnd(' ', '.')),
        IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException =>
            new UnreadableException($"{path} cannot be read ({error.Message.TrimEnd('.')}).", "Give --probe the folder that calibrate probe wrote."),
        _ => null,
    };

    private static UnreadableException Undescribed(string path, string reason) =>
        new($"{path} does not describe a probe ({reason}).", "Give --probe the folder that calibrate probe wrote, or make the probe and the recording again.");

    /// <summary>Null: there is none of this name, or it is no whole number.</summary>
    private static int? ReadNumber(JsonDocument json, string name) =>
        json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    /// <summary>The runtime's own words for these name functions and files that the user did not.</summary>
    private static string ReasonOf(Exception e, string folder) => e switch
    {
        _ when File.Exists(folder) => "it is a file",
        UnauthorizedAccessException => "you have no right to write there",
        FileNotFoundException or DirectoryNotFoundException => "no folder can be made there",
        _ => e.Message.TrimEnd('.'),
    };

    private static void Write(ProbeSet set, string folder)
    {
        // What an earlier call wrote goes first: a half-written folder must not look whole, nor hold a speaker too many.
        File.Delete(Path.Combine(folder, ProbeDescription.FileName));
        for (var speaker = 1; speaker <= ProbeSet.MaxSpeakers; speaker++)
        {
            var path = Path.Combine(folder, NameOf(speaker));
            if (speaker > set.Speakers)
            {
                File.Delete(path);
                continue;
            }

            using var writer = new WaveFileWriter(path, new WaveFormat(ProbeSet.SampleRate, Bits, 1));
            writer.WriteSamples(set.Render(speaker - 1), 0, set.TotalFrames);
        }

        var description = new ProbeDescription
        {
            Version = Version, Speakers = set.Speakers, Probes = set.Probes, Series = set.Series,
            SampleRate = ProbeSet.SampleRate, Seconds = Math.Round(Seconds(set), 3), Files = [.. Enumerable.Range(1, set.Speakers).Select(NameOf)],
        };
        File.WriteAllBytes(Path.Combine(folder, ProbeDescription.FileName), JsonSerializer.SerializeToUtf8Bytes(description, ProbeJson.Default.ProbeDescription));
    }

    private static double Seconds(ProbeSet set) => (double)set.TotalFrames / ProbeSet.SampleRate;

    private static string NameOf(int speaker) => $"speaker-{speaker}.wav";
}

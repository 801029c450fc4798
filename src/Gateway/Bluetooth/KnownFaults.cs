using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Bluetooth;

/// <summary>A fault of some versions of BlueZ.</summary>
/// <param name="From">The first version that has it; null: from the beginning.</param>
/// <param name="Before">The first version that no longer has it; null: all later ones have it.</param>
internal sealed record KnownFault(string Id, string? From, string? Before, string Text, string Remedy, IReadOnlyList<string> Sources);

internal sealed record KnownFaultsFile(IReadOnlyList<KnownFault> Faults);

[JsonSerializable(typeof(KnownFaultsFile))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class KnownFaultsJson : JsonSerializerContext;

/// <summary>The faults of this machine's BlueZ, from <c>config/bluez-faults.json</c>.</summary>
internal static class KnownFaults
{
    private const string Resource = "bluez-faults.json";

    // Debian, Fedora and Arch, Alpine.
    private static readonly string[] s_daemons = ["/usr/libexec/bluetooth/bluetoothd", "/usr/lib/bluetooth/bluetoothd", "/usr/sbin/bluetoothd"];

    public static IReadOnlyList<KnownFault> All()
    {
        using var stream = typeof(KnownFaults).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"{Resource} is not part of the program.");
        return JsonSerializer.Deserialize(stream, KnownFaultsJson.Default.KnownFaultsFile)?.Faults ?? [];
    }

    public static IReadOnlyList<KnownFault> Of(Version version) =>
        [.. All().Where(f => (f.From is null || Version.Parse(f.From) <= version) && (f.Before is null || version < Version.Parse(f.Before)))];

    /// <summary>
    /// The version of the BlueZ that works on an adapter, from the adapter's modalias: unless main.conf sets another DeviceID, that is BlueZ's own
    /// (vendor 1D6B, product 0246, and as release its version, a byte each for major and minor). So it is known in a container too. Null: not told.
    /// </summary>
    public static Version? VersionOf(string? modalias)
    {
        const string Own = "usb:v1D6Bp0246d";
        if (modalias is null || modalias.Length < Own.Length + 4 || !modalias.StartsWith(Own, StringComparison.OrdinalIgnoreCase)) return null;
        return ushort.TryParse(modalias.AsSpan(Own.Length, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var release)
            ? new Version(release >> 8, release & 0xFF)
            : null;
    }

    /// <summary>The version of the bluetoothd that is installed here; null where there is none to ask (in a container it runs outside).</summary>
    public static async Task<Version?> InstalledVersionAsync(CancellationToken cancellationToken)
    {
        if (Array.Find(s_daemons, File.Exists) is not { } daemon) return null;
        try
        {
            using var process = Process.Start(new ProcessStartInfo(daemon, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true });
            if (process is null) return null;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(5));
            var text = await process.StandardOutput.ReadToEndAsync(limit.Token);
            return Version.TryParse(text.Trim(), out var version) ? version : null;
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or IOException or OperationCanceledException)
        {
            return null;
        }
    }
}

using System.Globalization;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// BlueZ's object paths: <c>/org/bluez/hci0/dev_00_AA_01_01_00_01/fd0</c>. This is the only place that puts them together and takes them apart. A
/// device's address is not read from its path, which may hold an earlier, private one (<see cref="DeviceAddresses"/>).
/// </summary>
internal static class ObjectPaths
{
    public static string OfAdapter(string name) => $"{BlueZNames.Root}/{name}";

    /// <summary>An adapter's name in its path: <c>hci0</c>.</summary>
    public static string NameOf(string adapterPath) => adapterPath[(adapterPath.LastIndexOf('/') + 1)..];

    /// <summary>The adapter's path in a device's.</summary>
    public static string AdapterOf(string devicePath) => devicePath[..Math.Max(0, devicePath.LastIndexOf('/'))];

    /// <summary>The adapter's name in the path of one of our endpoints: <c>/org/tutti/hci0/source1</c>.</summary>
    public static string AdapterOfEndpoint(string? endpointPath) => endpointPath?.Split('/') is [_, _, _, var adapter, ..] ? adapter : "";

    /// <summary>Does an object belong to the adapter?</summary>
    public static bool IsOn(string adapterPath, string path) => path.Length > adapterPath.Length && path[adapterPath.Length] == '/' && path.StartsWith(adapterPath, StringComparison.Ordinal);

    /// <summary>The kernel's number of an object's controller; null: it is none of the kernel's.</summary>
    public static int? ControllerOf(string path) =>
        path.Split('/').ElementAtOrDefault(3) is { } name && name.StartsWith("hci", StringComparison.Ordinal) && int.TryParse(name.AsSpan(3), CultureInfo.InvariantCulture, out var number) ? number : null;
}

using System.Collections.Concurrent;
using System.Text;
using Gateway.Engine;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>What the maker of a USB adapter calls it, as the kernel read it from the stick. Radios inside a machine have no such name.</summary>
/// <param name="kernel"><c>/sys/class/bluetooth</c>.</param>
internal sealed class AdapterProduct(string kernel)
{
    private const int Longest = 60;

    // By address: the kernel is asked once.
    private readonly ConcurrentDictionary<BluetoothAddress, string?> _products = new();

    /// <param name="name">Such as <c>hci0</c>.</param>
    public string? Of(string name, BluetoothAddress address) => _products.GetOrAdd(address, _ => Read(kernel, name));

    /// <param name="kernel"><c>/sys/class/bluetooth</c>.</param>
    /// <param name="adapter">Such as <c>hci0</c>.</param>
    public static string? Read(string kernel, string adapter)
    {
        try
        {
            // The real path is …/<device>/<interface>/bluetooth/hci0, and the names are the device's.
            var real = Directory.ResolveLinkTarget(Path.Combine(kernel, adapter), returnFinalTarget: true) as DirectoryInfo;
            if (real?.Parent?.Parent?.Parent is not { } device || Text(device, "product") is not { } product) return null;
            var maker = Text(device, "manufacturer");
            return Cut(maker is null || product.StartsWith(maker, StringComparison.OrdinalIgnoreCase) ? product : $"{maker} {product}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? Text(DirectoryInfo device, string file)
    {
        var path = Path.Combine(device.FullName, file);
        if (!File.Exists(path)) return null;
        // A stick may say anything: control characters and blanks at the ends are no part of a name.
        var text = string.Concat(Encoding.UTF8.GetString(File.ReadAllBytes(path)).Where(c => !char.IsControl(c) && c != '\uFFFD')).Trim();
        return text.Length == 0 ? null : text;
    }

    private static string Cut(string name) => name.Length <= Longest ? name : name[..(char.IsHighSurrogate(name[Longest - 1]) ? Longest - 1 : Longest)].TrimEnd();
}

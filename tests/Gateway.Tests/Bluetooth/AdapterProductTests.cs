using Gateway.Bluetooth.BlueZ;

namespace Gateway.Tests.Bluetooth;

public sealed class AdapterProductTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("tutti-sys-");
    private readonly string _device;
    private readonly string _kernel;

    public AdapterProductTests()
    {
        // As the kernel has it: a link from the class to <device>/<interface>/bluetooth/hci0, and a hub above that has names too.
        _device = Path.Combine(_root.FullName, "devices/pci0/usb1/1-2");
        _kernel = Path.Combine(_root.FullName, "class/bluetooth");
        Directory.CreateDirectory(Path.Combine(_device, "1-2:1.0/bluetooth/hci0"));
        Directory.CreateDirectory(_kernel);
        File.WriteAllText(Path.Combine(_device, "../product"), "xHCI Host Controller\n");
        File.CreateSymbolicLink(Path.Combine(_kernel, "hci0"), "../../devices/pci0/usb1/1-2/1-2:1.0/bluetooth/hci0");
    }

    public void Dispose() => _root.Delete(recursive: true);

    [Theory]
    [InlineData("TP-Link", "TP-Link UB500 Adapter", "TP-Link UB500 Adapter")]
    [InlineData("Realtek", "Bluetooth Radio", "Realtek Bluetooth Radio")]
    [InlineData(null, "CSR8510 A10 ", "CSR8510 A10")]
    [InlineData("Realtek", null, null)]
    [InlineData("", " \u0007", null)]
    public void A_stick_is_called_as_its_maker_calls_it(string? maker, string? product, string? expected)
    {
        if (maker is not null) File.WriteAllText(Path.Combine(_device, "manufacturer"), maker + "\n");
        if (product is not null) File.WriteAllText(Path.Combine(_device, "product"), product + "\n");

        Assert.Equal(expected, AdapterProduct.Read(_kernel, "hci0"));
    }

    [Fact]
    public void A_name_is_cut_between_characters()
    {
        File.WriteAllText(Path.Combine(_device, "product"), new string('a', 59) + "🔊🔊");

        Assert.Equal(new string('a', 59), AdapterProduct.Read(_kernel, "hci0"));
    }

    [Theory]
    [InlineData("hci7")]
    [InlineData("../hci0")]
    public void An_adapter_that_the_kernel_does_not_show_has_no_such_name(string name) => Assert.Null(AdapterProduct.Read(_kernel, name));
}

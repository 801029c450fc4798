namespace Gateway.Engine.Tests.Model;

public sealed class BluetoothAddressTests
{
    [Theory]
    [InlineData("00:1A:7D:DA:71:13")]
    [InlineData("00:1a:7d:da:71:13")]
    [InlineData("00-1A-7d-DA-71-13")]
    [InlineData("00:1A-7D:DA-71:13")]
    public void Every_spelling_is_the_same_address_with_one_text_and_one_id(string text)
    {
        var address = BluetoothAddress.Read(text)!;

        Assert.Equal(BluetoothAddress.Parse("00:1A:7D:DA:71:13"), address);
        Assert.Equal(BluetoothAddress.Parse("00:1A:7D:DA:71:13").GetHashCode(), address.GetHashCode());
        Assert.Equal(("00:1A:7D:DA:71:13", "001a7dda7113", "00:1A:7D:DA:71:13"), (address.Text, address.Id, $"{address}"));
        Assert.Equal(address, BluetoothAddress.Read(address.Text));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("hci0")]
    [InlineData("001A7DDA7113")] // an id, as it stands in topics
    [InlineData("00:1A:7D:DA:71")]
    [InlineData("00:1A:7D:DA:71:13:00")]
    [InlineData("00:1A:7D:DA:71:1G")]
    [InlineData("00.1A.7D.DA.71.13")]
    [InlineData(" 00:1A:7D:DA:71:13")]
    [InlineData("００:1A:7D:DA:71:13")] // wide digits
    public void What_is_no_address_is_none(string? text)
    {
        Assert.Null(BluetoothAddress.Read(text));
        if (text is not null) Assert.Throws<FormatException>(() => BluetoothAddress.Parse(text));
    }

    [Theory]
    [InlineData("001a7dDA7113", "00:1A:7D:DA:71:13")]
    [InlineData("  00-1a-7d-da-71-13 ", "00:1A:7D:DA:71:13")]
    [InlineData("00:00:00:00:00:00", null)]
    [InlineData("FF:FF:FF:FF:FF:FF", null)]
    [InlineData("ffffffffffff", null)]
    [InlineData("kitchen", null)]
    public void People_may_leave_the_colons_out_and_cannot_name_nobodys_address(string written, string? text) => Assert.Equal(text, BluetoothAddress.ReadWritten(written)?.Text);

    [Fact]
    public void Another_device_is_another_address_and_none_is_no_text()
    {
        Assert.NotEqual(BluetoothAddress.Parse("00:1A:7D:DA:71:13"), BluetoothAddress.Parse("00:1A:7D:DA:71:14"));
        Assert.Null((string?)(BluetoothAddress?)null);
    }
}
